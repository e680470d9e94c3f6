package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strings"
)

// ContentSecurityPolicy is the policy that every page of this package keeps to. The page that shows a mail to staff
// holds it in a frame of the same origin, which answers with MailSecurityPolicy.
const ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// MailSecurityPolicy is the policy of the route that answers with the HTML of a mail: styles written in it, nothing else.
const MailSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

// Asset is a file served beside the pages. Its path holds a hash of its content, so that it may be kept for ever.
type Asset struct {
	Path        string // /static/NAME.HASH.EXT
	ContentType string
	Content     []byte
}

// Assets returns every file that the pages ask for, in the order of their paths.
func Assets() []Asset {
	return slices.SortedFunc(maps.Values(press().assets), func(a, b Asset) int { return strings.Compare(a.Path, b.Path) })
}

func readAssets() (map[string]Asset, error) {
	names, err := fs.Glob(files, "static/*")
	if err != nil {
		return nil, err
	}
	assets := map[string]Asset{}
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		base, ext := path.Base(name), path.Ext(name)
		kind := mime.TypeByExtension(ext)
		if kind == "" {
			return nil, fmt.Errorf("%s: content type not known", name)
		}
		sum := sha256.Sum256(content)
		assets[base] = Asset{
			Path:        "/static/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			ContentType: kind,
			Content:     content,
		}
	}
	return assets, nil
}
