package accounts

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestAccountIsAddedAndFound(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	address := newSecret()[:20] + "@staff.example"
	a, err := s.Add(ctx, audit.System(), NewAccount{Address: " " + strings.ToUpper(address), Name: " Ada Example ", Roles: []Role{Tracker, Coordinator, Tracker}})
	if err != nil {
		t.Fatal(err)
	}
	want := Account{ID: a.ID, Address: address, Name: "Ada Example", Language: "en", Roles: []Role{Coordinator, Tracker}, CreatedAt: a.CreatedAt}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("Add (-want +got):\n%s", diff)
	}
	if got, err := s.Find(ctx, a.ID); err != nil || !cmp.Equal(got, a) {
		t.Errorf("Find = %+v, %v", got, err)
	}
	if got, err := s.FindByAddress(ctx, address+" "); err != nil || !cmp.Equal(got, a) {
		t.Errorf("FindByAddress = %+v, %v", got, err)
	}
	if all, err := s.List(ctx); err != nil || !slices.ContainsFunc(all, func(x Account) bool { return cmp.Equal(x, a) }) {
		t.Errorf("List = %v, %v", all, err)
	}
	if _, err := s.Add(ctx, audit.System(), NewAccount{Address: address, Name: "Two", Roles: []Role{Tracker}}); !failure.Is(err, failure.Conflict) {
		t.Errorf("the same address again: %v, want a conflict", err)
	}
	if _, err := s.FindByAddress(ctx, "nobody@staff.example"); !failure.Is(err, failure.NotFound) {
		t.Errorf("FindByAddress of nobody: %v", err)
	}
	for name, err := range map[string]error{
		"Find":        func() error { _, err := s.Find(ctx, -1); return err }(),
		"Disable":     s.Disable(ctx, audit.System(), -1),
		"SetRoles":    s.SetRoles(ctx, audit.System(), -1, []Role{Tracker}),
		"SetPassword": s.SetPassword(ctx, -1, goodPassword),
	} {
		if !failure.Is(err, failure.NotFound) {
			t.Errorf("%s of no account: %v, want not found", name, err)
		}
	}
}

func TestAddNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	_, err := s.Add(context.Background(), audit.System(), NewAccount{Address: "ada", Name: "A\u2028Bcc: x", Language: "klingon!", Roles: []Role{"boss"}, Password: "short"})
	e, ok := err.(*failure.Error)
	if !ok || e.Kind != failure.Invalid {
		t.Fatalf("Add = %v, want invalid", err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Name)
	}
	if diff := cmp.Diff([]string{"address", "name", "language", "roles", "password"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestNobodyRaisesThemselves(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	admin, other := made(t, s, "", Administrator), made(t, s, "", Tracker)
	by := audit.Account(admin.ID)
	for name, err := range map[string]error{
		"own roles": s.SetRoles(ctx, by, admin.ID, []Role{Administrator, Coordinator}),
		"disable":   s.Disable(ctx, by, admin.ID),
		"enable":    s.Enable(ctx, by, admin.ID),
		"a token of somebody else's account": func() error {
			_, _, err := s.AddToken(ctx, by, other.ID, "x", []Role{Tracker})
			return err
		}(),
	} {
		if !failure.Is(err, failure.Forbidden) {
			t.Errorf("%s: %v, want forbidden", name, err)
		}
	}
	if err := s.SetRoles(ctx, by, other.ID, []Role{Coordinator}); err != nil {
		t.Errorf("roles of somebody else: %v", err)
	}
}

func TestDisabledAccountComesBackWithoutItsTokens(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	a := made(t, s, goodPassword, Tracker)
	_, secret, err := s.AddToken(ctx, audit.System(), a.ID, "script", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Disable(ctx, audit.System(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Enable(ctx, audit.System(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if in := signedIn(t, s, a); in.Principal.AccountID != a.ID {
		t.Error("an enabled account does not get in")
	}
	if _, err := s.FindToken(ctx, secret); err != ErrNotSignedIn {
		t.Errorf("a token from before: %v, want ErrNotSignedIn", err)
	}
}

func TestD4_EveryChangeIsInTheTrailOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	by := audit.Account(a.ID)
	in := signedIn(t, s, a)
	in, err := s.ChangePassword(ctx, PasswordChange{Session: in.Session, Current: goodPassword, New: "entirely different", Source: newSecret()})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.AddToken(ctx, by, a.ID, "script", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // what changes nothing leaves nothing
		if err := s.RevokeToken(ctx, by, a.ID, token.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.SignOut(ctx, in.Session); err != nil {
			t.Fatal(err)
		}
		if err := s.SetRoles(ctx, audit.System(), a.ID, []Role{Reviewer}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.SignInByLink(ctx, link(t, s, a), ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Disable(ctx, audit.System(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Enable(ctx, audit.System(), a.ID); err != nil {
		t.Fatal(err)
	}
	want := []string{"account.add", "account.sign_in", "account.set_password", "token.add", "token.revoke", "account.end_session",
		"account.set_roles", "account.sign_in_by_link", "account.disable", "account.enable"}
	if diff := cmp.Diff(want, actions(t, tx, a.ID)); diff != "" {
		t.Errorf("trail (-want +got):\n%s", diff)
	}
}

func TestS1_HostileInputIsAnsweredAndNeverAFault(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	a := made(t, s, goodPassword, Tracker)
	session, err := s.SignInByLink(ctx, link(t, s, a), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"", " ", "\x00", "a\u2028b", "a\x00b", "\xff\xfe", "\u202eabc", "'); --", "%' OR '1'='1", "a\r\nb", "${7*7}", "{{.}}",
		strings.Repeat("é", 5000), "hf_", "hf_\x00", "x'||pg_sleep(5)||'@staff.example", "\\", "\"", "$1",
	} {
		_, signIn := s.SignIn(ctx, Attempt{Address: text, Password: text, Source: newSecret() + text, Replaces: text})
		_, byLink := s.SignInByLink(ctx, text, text)
		_, reset := s.ResetPassword(ctx, text, text, text)
		_, _, request := s.RequestLink(ctx, text)
		_, find := s.FindSession(ctx, text)
		_, token := s.FindToken(ctx, text)
		_, list := s.ListSessions(ctx, a.ID, text)
		_, add := s.Add(ctx, audit.System(), NewAccount{Address: text, Name: text, Language: text, Roles: []Role{Role(text)}, Password: text})
		_, _, addToken := s.AddToken(ctx, audit.System(), a.ID, text, []Role{Role(text)})
		_, address := s.FindByAddress(ctx, text)
		_, change := s.ChangePassword(ctx, PasswordChange{Session: session.Session, Current: text, New: text + "12", Source: newSecret() + text})
		_, replay := s.BeginReplay(ctx, a.ID, text, [32]byte{})
		if change == nil {
			t.Fatalf("%q was taken for the current password", text)
		}
		for verb, err := range map[string]error{
			"SignIn": signIn, "SignInByLink": byLink, "ResetPassword": reset, "RequestLink": request, "FindSession": find,
			"FindToken": token, "ListSessions": list, "Add": add, "AddToken": addToken, "FindByAddress": address, "ChangePassword": change,
			"BeginReplay": replay, "SignOut": s.SignOut(ctx, text), "EndSession": s.EndSession(ctx, audit.System(), a.ID, text),
			"SetRoles": s.SetRoles(ctx, audit.System(), a.ID, []Role{Role(text)}), "SetPassword": s.SetPassword(ctx, a.ID, text[:min(len(text), 7)]),
		} {
			if err != nil && failure.KindOf(err) == "" {
				t.Errorf("%s(%.40q) = %v, want an error for the reader", verb, text, err)
			}
		}
	}
	if got, err := s.Find(ctx, a.ID); err != nil || got.Name != a.Name {
		t.Errorf("the account afterwards: %+v, %v", got, err)
	}
}
