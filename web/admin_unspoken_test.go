package web

import (
	"bytes"
	"net/http"
	"testing"

	"holdfast/accounts"
)

// What letters must not name is shown to those who may edit the case, and to nobody else.
func TestWhatMustStayOutIsShownToWhoMayEditCasesAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	path := "/admin/cases/" + w.caseID
	worker := d.at(accounts.Caseworker)
	if got := worker.post(path+"/unspoken", values("unspoken", "Parvin Karimi")); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("adding one: %d", got.StatusCode)
	}
	for role, shown := range map[accounts.Role]bool{accounts.Caseworker: true, accounts.Coordinator: true, accounts.Reviewer: false} {
		page := d.at(role).get(path)
		if page.StatusCode != http.StatusOK || bytes.Contains(page.text, []byte("Parvin Karimi")) != shown {
			t.Errorf("to a %s: %d, shown: %t", role, page.StatusCode, !shown)
		}
	}
	list, err := d.server.Letters.Unspoken(d.ctx, number(w.caseID))
	d.must(err)
	if got := worker.post(path+"/unspoken/"+idText(list[0].ID)+"/remove", nil); got.StatusCode != http.StatusSeeOther {
		t.Errorf("taking it off: %d", got.StatusCode)
	}
	if bytes.Contains(worker.get(path).text, []byte("Parvin Karimi")) {
		t.Error("it is still there")
	}
}

// A sample letter is shown at the desk in its language, and taken back by emptying it.
func TestASampleLetterStandsAtTheDeskUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	o := launched(t)
	b := o.at(accounts.Coordinator)
	path := "/admin/campaigns/" + o.campaign + "/samples"
	if got := b.post(path, values("sample.en", "Dear Minister,\r\n\r\nI am a teacher and I beg you to wait with this.", "sample.sv", "Bästa minister,")); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("giving samples: %d", got.StatusCode)
	}
	if page := b.get("/admin/campaigns/" + o.campaign + "/change"); page.StatusCode != http.StatusOK || !bytes.Contains(page.text, []byte("Bästa minister,")) {
		t.Errorf("the page of the campaign: %d, without the sample in a language that the house does not have", page.StatusCode)
	}
	desk := o.desks()["visitor"]
	if missing := lacking(o.visit("GET", desk+"?lang=en", nil), "A sample letter", "I am a teacher"); len(missing) > 0 {
		t.Errorf("the desk lacks %q", missing)
	}
	if missing := lacking(o.visit("POST", desk+"/check?lang=en", letter("Dear Minister, I am a teacher and I beg you to wait with this.")), "of your words follow the sample"); len(missing) > 0 {
		t.Error("the sample sent back is not told so")
	}
	b.post(path, values("sample.en", ""))
	if page := o.visit("GET", desk+"?lang=en", nil); bytes.Contains(page.text, []byte("I am a teacher")) {
		t.Error("a sample that was taken back is still at the desk")
	}
}
