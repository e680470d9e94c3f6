package holdfast_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// refused asks the API for what it must not do, and returns the status.
func (h *house) refused(method, path, body string) int {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.ctx, method, h.http.URL+"/api/v1"+path, strings.NewReader(body))
	h.must(err)
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	h.must(err)
	answer.Body.Close()
	return answer.StatusCode
}

// TestC5_WhatWasLaunchedIsWhatLeaves: everything about a campaign that can be changed is changed in mid fan-out. What leaves after is
// what left before, to the letter.
func TestC5_WhatWasLaunchedIsWhatLeaves(t *testing.T) {
	const people = 800
	h := openHouse(t)
	target := h.post("/targets", map[string]any{"code": "CA-IMM", "kind": "minister", "country": "CA", "power": "decides",
		"office": map[string]any{"en": "Minister of Immigration"}, "postal_address": "Ottawa"})["id"]
	campaign := h.post("/campaigns", map[string]any{"title": "An appeal process for all", "target_ids": []any{target},
		"deadline_day": time.Now().AddDate(0, 0, 40).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask for an appeal on the merits."}}}})["id"]
	appeal := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{map[string]any{"language": "en",
		"subject": "An appeal on the merits", "headline": "Refused without a hearing", "body": "People are refused without a hearing."}}})["id"]
	var csv strings.Builder
	csv.WriteString("email,name\n")
	for i := range people {
		fmt.Fprintf(&csv, "member%d@mail.example,Member\n", i)
	}
	h.imports(csv.String())
	h.post(fmt.Sprintf("/appeals/%v/launch", appeal), nil)
	h.must(h.sink.Wait(h.ctx, 1))
	h.post(fmt.Sprintf("/appeals/%v/stop", appeal), nil)
	for state := ""; state != "stopped"; {
		state = h.get(fmt.Sprintf("/appeals/%v", appeal))["state"].(string)
	}
	before := h.sink.Count()
	if before == people {
		t.Fatal("everything had left before the stop")
	}
	h.call("PUT", fmt.Sprintf("/campaigns/%v/asks/a1", campaign), "application/json", strings.NewReader(`{"texts":{"en":"Ask for something else."}}`))
	h.call("PUT", fmt.Sprintf("/targets/%v", target), "application/json", strings.NewReader(`{"code":"CA-IMM","kind":"minister","country":"CA","power":"decides",`+
		`"office":{"en":"Minister of Something Else"},"postal_address":"Elsewhere"}`))
	if status := h.refused("PUT", fmt.Sprintf("/appeals/%v/texts/en", appeal), `{"subject":"Other words","headline":"Other words","body":"Other words."}`); status != http.StatusConflict {
		t.Errorf("changing the text of an appeal on its way is answered %d, want %d", status, http.StatusConflict)
	}
	h.post(fmt.Sprintf("/appeals/%v/resume", appeal), nil)
	if r := h.settled(appeal); r["accepted"] != float64(people) {
		t.Errorf("receipt %v", r)
	}
	for i, m := range h.sink.Messages() {
		text := h.mailOf(m.Data).text
		if strings.Contains(strings.ToLower(text), "omething else") || !strings.Contains(text, "Ask for an appeal on the merits.") || !strings.Contains(text, "Minister of Immigration") {
			t.Fatalf("mail %d of %d, %d of them before the changes, says:\n%s", i, people, before, text)
		}
	}
}
