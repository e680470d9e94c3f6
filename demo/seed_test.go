package demo

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

func TestSeedingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.seed(t, 300)
	before := digests(t, w.db)
	w.now = w.now.Add(40 * 24 * time.Hour) // the demo is started again after its removals are past
	second := w.seed(t, 300)
	if diff := cmp.Diff(before, digests(t, w.db)); diff != "" {
		t.Errorf("a second Seed changed tables (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("a second Seed found something else (-first +second):\n%s", diff)
	}
	if rows := before["campaigns"]; !strings.HasPrefix(rows, "10 rows") {
		t.Errorf("campaigns: %s, want 10 rows", rows)
	}
}

func TestSeedGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, lines := range []int{1000, 2000} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Seed(ctx, w.Stores, Options{Members: 2500, Seed: 1, Now: w.now, Progress: func(p members.Progress) {
			if p.Done >= lines {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Seed that was broken off: %v, want context.Canceled", err)
		}
	}
	w.seed(t, 2500)
	if got := len(w.everybody(t)); got != 2500 {
		t.Errorf("%d members after going on, want 2500", got)
	}
}

func TestSeedLeavesAloneWhatPeopleChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	seeded := w.seed(t, 100)
	by := audit.Account(seeded.Coordinators[0].ID)

	leaver, err := w.Members.Find(ctx, newCrowd(1).at(leftFirst).address)
	if err != nil {
		t.Fatal(err)
	}
	back := members.Consent{Source: "a letter", GivenOn: w.now, Words: "I want to come back."}
	if err := w.Members.Rejoin(ctx, by, leaver.ID, back); err != nil {
		t.Fatal(err)
	}
	deadline := campaigns.Deadline{DeadlineDay: campaigns.DayOf(w.now.AddDate(1, 0, 0)), DeadlineZone: toronto}
	if _, err := w.Campaigns.MoveDeadline(ctx, by, seeded.Cases[0].CampaignID, deadline); err != nil {
		t.Fatal(err)
	}
	fixtures, err := Cases(w.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Campaigns.MoveRemoval(ctx, by, seeded.Cases[9].CaseID, fixtures[9].Case.Removal); err != nil {
		t.Fatal(err)
	}
	before := digests(t, w.db)
	w.seed(t, 100)
	if diff := cmp.Diff(before, digests(t, w.db)); diff != "" {
		t.Errorf("Seed changed what people had changed (-before +after):\n%s", diff)
	}
}

func TestMoreMembersAreAddedToThoseWhoAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(t, 40)
	few := w.everybody(t)
	seeded := w.seed(t, 120)
	many := w.everybody(t)
	if len(few) != 40 || len(many) != 120 {
		t.Fatalf("%d members, then %d, want 40, then 120", len(few), len(many))
	}
	for i, m := range few {
		if many[i].Address != m.Address {
			t.Errorf("member %d has another address after members were added", m.ID)
		}
	}
	if diff := cmp.Diff([]int64{many[118].ID, many[119].ID}, seeded.MayLeave); diff != "" {
		t.Errorf("MayLeave are not the last two (-want +got):\n%s", diff)
	}
}

func TestSeededMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(t, 2500)
	languages, states, groups, names := map[string]int{}, map[members.State]int{}, map[string]int{}, ""
	abroad := 0
	for _, m := range w.everybody(t) {
		languages[m.Language]++
		states[m.State]++
		groups[m.GroupName]++
		names += m.Name + "\n"
		if !strings.HasSuffix(m.Address.Domain(), ".example") {
			t.Errorf("member %d has an address at %s, want .example", m.ID, m.Address.Domain())
		}
		if m.Consent.Source == "" || m.Consent.Words == "" || m.Consent.GivenOn.IsZero() {
			t.Errorf("member %d has no evidence of consent", m.ID)
		}
		if m.Country != "CA" {
			abroad++
			if m.GroupID != 0 {
				t.Errorf("member %d lives in %s and is in group %s", m.ID, m.Country, m.GroupName)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"en": 1550, "fr": 600, "es": 150, "ar": 100, "fa": 100}, languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	want := map[members.State]int{members.Subscribed: 2500 - 7 - 4, members.Left: 7, members.Suppressed: 4}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if len(groups) != 8 || groups[""] < 500 || groups["Saskatoon"] < 20 {
		t.Errorf("groups are %v, want seven and some who stand alone", groups)
	}
	if abroad == 0 || abroad > 250 {
		t.Errorf("%d members live abroad, want a few in a hundred", abroad)
	}
	for what, form := range map[string]string{"an apostrophe": `O'Neil`, "a comma": `, `, "a mark that combines": `\p{M}`,
		"Arabic letters": `\p{Arabic}`, "Hebrew letters": `\p{Hebrew}`, "a quotation mark": `“`} {
		if !regexp.MustCompile(form).MatchString(names) {
			t.Errorf("no member's name has %s", what)
		}
	}
	if m, err := w.Members.Find(context.Background(), RefusedAddress); err != nil || m.State != members.Subscribed {
		t.Errorf("the refused address: %s, %v, want a member who is subscribed", m.State, err)
	}
}

var anyAddress = regexp.MustCompile(`[^\s@"'(),:;<>]+@[^\s@"'(),:;<>\\]+`)

func TestEveryAddressIsAnExample(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(t, 50)
	found := 0
	for _, text := range allTexts(t, w.db) {
		for _, address := range anyAddress.FindAllString(text, -1) {
			found++
			if !strings.HasSuffix(strings.TrimRight(address, "."), ".example") {
				t.Errorf("an address that is not in .example: %s", address)
			}
		}
		for _, link := range regexp.MustCompile(`https?://[^/\s",]+`).FindAllString(text, -1) {
			if !strings.HasSuffix(link, ".example") {
				t.Errorf("a link that does not lead to .example: %s", link)
			}
		}
	}
	if found < len(Offices())+len(staff()) {
		t.Errorf("%d addresses found; the search finds less than there is", found)
	}
}

// errStop ends a launch after every rule was asked and before anything leaves.
var errStop = errors.New("stop here")

func TestEveryFirstAppealMayBeLaunched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seeded := w.seed(t, 30)
	by := audit.Account(seeded.Coordinators[0].ID)
	for _, c := range seeded.Cases {
		_, err := w.Campaigns.Launch(context.Background(), by, c.AppealID, func(campaigns.Sheet) ([]campaigns.Edition, error) {
			return nil, errStop
		})
		if !errors.Is(err, errStop) {
			t.Errorf("case %d: %v, want every rule to be kept", c.Number, err)
		}
	}
	if seeded.ToLaunch() != seeded.Cases[4].AppealID {
		t.Error("ToLaunch is not the first appeal of case 5")
	}
	reach, err := w.Campaigns.Reach(context.Background(), seeded.ToLaunch())
	if err != nil {
		t.Fatal(err)
	}
	// Of the first thirty one has left; readers of Spanish and Arabic get the English text.
	if reach.Members != 29 || len(reach.Languages) != 3 || reach.Languages["en"] < 18 || reach.Languages["fa"] == 0 {
		t.Errorf("the first appeal of case 5 would reach %+v, want 29 members in en, fr and fa", reach)
	}
}

func TestR2_ReceivingSideIsAgreedByASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	seeded := w.seed(t, 0)
	first, second := seeded.Coordinators[0].ID, seeded.Coordinators[1].ID
	last := seeded.Cases[9]
	c, err := w.Campaigns.Case(ctx, last.CaseID)
	if err != nil {
		t.Fatal(err)
	}
	if !c.OriginStateKnows || c.OriginStateReason == nil || c.OriginStateBy == nil || *c.OriginStateBy != first {
		t.Errorf("case 10 does not say why, and by whom it is on record, that the state of origin knows: %+v", c)
	}
	if c.RemovalTiming != campaigns.RemovalDone || c.RemovalAt == nil || !c.RemovalAt.Before(w.now) {
		t.Errorf("case 10: the removal is %s at %v, want done, and past", c.RemovalTiming, c.RemovalAt)
	}
	targets, err := w.Campaigns.CampaignTargets(ctx, last.CampaignID)
	if err != nil {
		t.Fatal(err)
	}
	var receiving []string
	for _, target := range targets {
		if target.Side != campaigns.SideReceiving {
			continue
		}
		receiving = append(receiving, target.Code)
		if target.AddedBy == nil || *target.AddedBy != first || target.AgreedBy == nil || *target.AgreedBy != second {
			t.Errorf("%s was added by %v and agreed by %v, want %d and %d", target.Code, target.AddedBy, target.AgreedBy, first, second)
		}
	}
	if diff := cmp.Diff([]string{"CD-INT", "CD-JUS"}, receiving); diff != "" {
		t.Errorf("offices of the receiving side (-want +got):\n%s", diff)
	}
	for _, other := range seeded.Cases[:9] {
		c, err := w.Campaigns.Case(ctx, other.CaseID)
		if err != nil || c.OriginStateKnows {
			t.Errorf("case %d: the state of origin knows: %t, %v; want no", other.Number, c.OriginStateKnows, err)
		}
	}
}

func TestR2_EmbassyOfTheReceivingStateIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	seeded := w.seed(t, 0)
	by := audit.Account(seeded.Coordinators[0].ID)
	embassy, err := w.Campaigns.AddTarget(ctx, by, campaigns.NewTarget{Code: "TM-EMB-TR", Kind: "embassy", Country: "TM",
		Power: campaigns.PowerCanInfluence, Office: campaigns.Texts{"en": "Embassy of Turkmenistan in Türkiye"}, PostalAddress: "Ankara"})
	if err != nil {
		t.Fatal(err)
	}
	interior := targetID(t, w, "TR-INT") // the removing state's in case 9, the receiving state's in case 3
	for number, id := range map[int]int64{9: embassy.ID, 3: interior} {
		err := w.Campaigns.AddCampaignTarget(ctx, by, seeded.Cases[number-1].CampaignID, id)
		var refused *failure.Error
		if !errors.As(err, &refused) || refused.Rule != "R2" {
			t.Errorf("case %d: adding an office of the receiving state: %v, want R2 to refuse it", number, err)
		}
	}
}

func targetID(t *testing.T, w world, code string) int64 {
	t.Helper()
	list, err := w.Campaigns.Targets(context.Background(), campaigns.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range list {
		if target.Code == code {
			return target.ID
		}
	}
	t.Fatalf("there is no office %s", code)
	return 0
}

func BenchmarkSeed2500(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		b.StartTimer()
		w.seed(b, 2500)
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	crowd := newCrowd(1)
	const rows = 10_000
	for b.Loop() {
		if err := crowd.writeCSV(io.Discard, rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/member")
}
