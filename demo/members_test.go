package demo

import (
	"strings"
	"testing"

	"holdfast/members"
)

func TestCrowdIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	forward, backward, other := newCrowd(7), newCrowd(7), newCrowd(8)
	var people []person
	for i := range 200 {
		people = append(people, forward.at(i))
	}
	same := 0
	for i := 199; i >= 0; i-- {
		if got := backward.at(i); got != people[i] {
			t.Fatalf("member %d is %v from one side and %v from the other", i, people[i], got)
		}
		if other.at(i).name == people[i].name {
			same++
		}
	}
	if same > 40 {
		t.Errorf("%d of 200 members have the same name for another seed", same)
	}
}

func TestCrowdHasUsableAddressesOnceEach(t *testing.T) {
	t.Parallel()
	crowd, seen := newCrowd(1), map[string]bool{}
	for i := range 50_000 {
		p := crowd.at(i)
		address, err := members.ParseAddress(p.address)
		if err != nil {
			t.Fatalf("member %d: %s: %v", i, p.address, err)
		}
		if key := strings.ToLower(address.Mailbox()); seen[key] {
			t.Fatalf("member %d has an address that another has", i)
		} else {
			seen[key] = true
		}
	}
}
