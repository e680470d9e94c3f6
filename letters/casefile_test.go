package letters_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

func (d *desk) caseFile() letters.CaseFile {
	d.t.Helper()
	f, err := d.store.MakeCaseFile(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	return f
}

func find(t *testing.T, f letters.CaseFile, key string) letters.Entry {
	t.Helper()
	for _, e := range f.Entries {
		if e.Key == key {
			return e
		}
	}
	t.Fatalf("the case file lacks %q", key)
	return letters.Entry{}
}

func TestR14_ACaseFileTellsLettersWithTheirMethodAndNeverOneSum(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 3)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])))
	d.must(d.store.Report(d.ctx, d.writers[1], d.report(1, d.targets[0], d.targets[1])))
	printed := d.print(d.writers[2], d.targets[0])
	_, err := d.store.EnterCode(d.ctx, *printed.Code)
	d.must(err)
	d.print(d.writers[2], d.targets[1]) // made, and no letter yet
	f := d.caseFile()
	if got := find(t, f, "letters CA-PS post reported counted").Facts; got["letters"] != "3" || got["reports"] != "2" {
		t.Errorf("reported: %v", got)
	}
	if got := find(t, f, "letters CA-PS post paper counted").Facts; got["letters"] != "1" || got["grade"] != "paper" {
		t.Errorf("on paper: %v", got)
	}
	sums, texts := 0, 0
	for _, e := range f.Entries {
		if e.Kind == letters.OfLetters {
			sums++
		}
		if e.Kind == letters.OfText && strings.Contains(e.Facts["text"], "h0123456789abcdef") {
			t.Errorf("a text shows what marks its holes: %v", e.Facts)
		}
		if e.Kind == letters.OfText {
			texts++
		}
		for _, value := range e.Facts {
			if strings.Contains(value, "@mail.example") || strings.Contains(value, *printed.Code) {
				t.Errorf("%s names a member, or holds a code: %q", e.Key, value)
			}
		}
	}
	if sums != 3 || texts != 1 {
		t.Errorf("%d sums and %d texts, want 3 and 1", sums, texts)
	}
	launched := false
	for _, e := range f.Entries {
		launched = launched || e.Kind == letters.OfEvent && e.Facts["action"] == "appeal.launch" && e.Facts["by"] == "system"
	}
	if !launched {
		t.Error("it does not say who released the appeal")
	}
}

func TestACaseFilesListNamesWhatWasAltered(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])))
	f := d.caseFile()
	list := f.List()
	back, altered, err := letters.ReadList(list)
	if err != nil || len(altered) != 0 || back.Hash() != f.Hash() || !bytes.Equal(back.List(), list) {
		t.Fatalf("read back: %v, %v", altered, err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(list, []byte("\n")), []byte("\n"))
	for i, e := range f.Entries {
		var read struct {
			SHA256 string          `json:"sha256"`
			Entry  json.RawMessage `json:"entry"`
		}
		d.must(json.Unmarshal(lines[i], &read))
		forged := slices.Clone(lines)
		forged[i] = []byte(strings.Replace(strings.Replace(string(lines[i]), `"facts":{`, `"facts":{"forged":"yes",`, 1), ",}", "}", 1))
		back, altered, err := letters.ReadList(bytes.Join(forged, nil))
		if err != nil || !slices.Equal(altered, []string{e.Key}) || back.Hash() == f.Hash() {
			t.Errorf("%s altered: %v named, %v", e.Key, altered, err)
		}
		if shorter, _, err := letters.ReadList(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil)); err == nil && shorter.Hash() == f.Hash() {
			t.Errorf("without %s the list has the same hash", e.Key)
		}
	}
	for _, bad := range []string{"", "\n", "{}", `{"sha256":"","entry":{},"more":1}`, "not a list\n"} {
		if _, altered, err := letters.ReadList([]byte(bad)); err == nil && len(altered) == 0 {
			t.Errorf("%q was read as a list", bad)
		}
	}
}

func TestACaseFileIsHeldAgainstTheHouseEntryByEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])))
	f := d.caseFile()
	held, err := d.store.HoldCaseFile(d.ctx, f)
	d.must(err)
	if !held.Made || held.MadeAt == nil || len(held.Changes) != 0 {
		t.Errorf("just made: %+v", held)
	}
	d.must(d.store.Report(d.ctx, d.writers[1], d.report(5, d.targets[0])))
	d.must(d.store.Report(d.ctx, d.writers[1], d.report(1, d.targets[1])))
	house := &campaigns.Store{DB: d.db}
	_, err = house.CloseCampaign(d.ctx, audit.System(), d.campaign.ID, campaigns.Closing{Outcome: "released"})
	d.must(err)
	if held, err = d.store.HoldCaseFile(d.ctx, f); err != nil || !held.Made {
		t.Errorf("later: %+v, %v", held, err)
	}
	want := map[string]string{"letters CA-PS post reported counted": "changed", "letters CA-FA post reported counted": "new"}
	for _, c := range held.Changes {
		if want[c.Key] != "" && want[c.Key] != c.What {
			t.Errorf("%s is %s, want %s", c.Key, c.What, want[c.Key])
		}
		delete(want, c.Key)
	}
	if len(want) != 0 || len(held.Changes) < 4 { // and the campaign itself, its outcome, who closed it
		t.Errorf("changes %+v; missing %v", held.Changes, want)
	}
	forged := letters.CaseFile{Entries: slices.Clone(f.Entries)}
	forged.Entries = forged.Entries[:len(forged.Entries)-1]
	if held, err := d.store.HoldCaseFile(d.ctx, forged); err != nil || held.Made {
		t.Errorf("a shorter file: %+v, %v", held, err)
	}
	if _, err := d.store.HoldCaseFile(d.ctx, letters.CaseFile{}); !failure.Is(err, failure.Invalid) {
		t.Errorf("an empty file: %v", err)
	}
	if _, err := d.store.MakeCaseFile(d.ctx, audit.System(), 1<<40); !failure.Is(err, failure.NotFound) {
		t.Errorf("of no campaign: %v", err)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE action = 'case_file.make'").Scan(&events))
	if events != 1 {
		t.Errorf("%d audit events, want 1", events)
	}
}
