package web

import (
	"context"
	"slices"
	"strings"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

func (s *Server) listTexts(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := s.Campaigns.Appeal(r.ctx(), id); err != nil {
		return answer{}, err
	}
	texts, err := s.Campaigns.Texts(r.ctx(), id)
	return ok(whole(texts)), err
}

// newText is what is written in one language; the path says in which.
type newText struct {
	Subject  string `json:"subject"`
	Headline string `json:"headline"`
	Body     string `json:"body"`
}

func (s *Server) putText(r *call, n newText) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	text := campaigns.Text{Language: r.gin.Param("language"), Subject: n.Subject, Headline: n.Headline, Body: n.Body}
	err = s.Campaigns.PutText(r.ctx(), r.by(), id, text)
	return ok(text), err
}

func (s *Server) dropText(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	return none(), s.Campaigns.DropText(r.ctx(), r.by(), id, r.gin.Param("language"))
}

// previewBody is a mail as its readers get it, with stand-ins for what is each reader's own.
type previewBody struct {
	Language     string `json:"language"`
	TextLanguage string `json:"text_language"` // another where these readers get the fallback
	Subject      string `json:"subject"`
	Text         string `json:"text"`
	HTML         string `json:"html"`
}

func (s *Server) preview(r *call) (answer, error) {
	e, err := s.editionFor(r, r.gin.Param("language"))
	if err != nil {
		return answer{}, err
	}
	holes := s.standIns(e)
	return ok(previewBody{Language: e.Language, TextLanguage: e.TextLanguage, Subject: e.Subject,
		Text: holes.Replace(e.Text), HTML: holes.Replace(e.HTML)}), nil
}

// standIns fills the holes of an edition as for a member whose name is not known, with links that lead to the site and do
// nothing for anybody.
func (s *Server) standIns(e campaigns.Edition) *strings.Replacer {
	return strings.NewReplacer(e.Mark+campaigns.HoleName, "", e.Mark+campaigns.HoleReport, s.PublicURL+"/", e.Mark+campaigns.HoleLeave, s.PublicURL+"/")
}

// testBody is in which language a test is sent.
type testBody struct {
	Language string `json:"language"`
}

// sentBody says where a test went.
type sentBody struct {
	SentTo string `json:"sent_to"`
}

// sendTest sends an appeal to the address of whoever asks, and to nobody else.
func (s *Server) sendTest(r *call, t testBody) (answer, error) {
	e, err := s.editionFor(r, t.Language)
	if err != nil {
		return answer{}, err
	}
	account, err := s.Accounts.Find(r.ctx(), r.who.AccountID)
	if err != nil {
		return answer{}, err
	}
	if err := s.Post(r.ctx(), account.Address, e); err != nil {
		s.Log.WarnContext(r.ctx(), "a test was not sent", "id", requestID(r.gin), "error", withoutData(err))
		return answer{}, errNotPosted
	}
	return ok(sentBody{SentTo: account.Address}), nil
}

// editionFor is edition for the appeal in the path.
func (s *Server) editionFor(r *call, language string) (campaigns.Edition, error) {
	id, err := r.id("id")
	if err != nil {
		return campaigns.Edition{}, err
	}
	return s.edition(r.ctx(), id, language)
}

// edition is what the readers of a language get of an appeal: as it left, or as it would leave now. As for members, a
// language that is not written falls back to its base, and then to the campaign's fallback.
func (s *Server) edition(ctx context.Context, id int64, language string) (campaigns.Edition, error) {
	editions, err := s.Campaigns.Editions(ctx, id)
	if err != nil {
		return campaigns.Edition{}, err
	}
	sheet, err := s.Campaigns.Sheet(ctx, id)
	if err != nil {
		return campaigns.Edition{}, err
	}
	if len(editions) == 0 {
		if len(sheet.Texts) == 0 {
			return campaigns.Edition{}, failure.Clash("appeal %d has no text yet; write it in at least one language", id)
		}
		if editions, err = s.Write(sheet); err != nil {
			return campaigns.Edition{}, err
		}
	}
	base, _, _ := strings.Cut(language, "-")
	for _, want := range []string{language, base, sheet.FallbackLanguage} {
		i := slices.IndexFunc(editions, func(e campaigns.Edition) bool { return e.Language == want })
		if i >= 0 && language != "" {
			return editions[i], nil
		}
	}
	return campaigns.Edition{}, failure.Wrong("language", "readers of this language would get the campaign's fallback, and that is not written yet")
}
