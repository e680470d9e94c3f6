package main

import "time"

// pruneEvery is how often what has expired is removed: sessions, sign-in links, counts of failures, replayed requests;
// and where visitors came from.
const pruneEvery = time.Hour

// keepHouse removes what has expired, now and then, until the site ends. Any number of processes may.
func (x *site) keepHouse() {
	x.doors.Go(func() {
		tick := time.NewTicker(pruneEvery)
		defer tick.Stop()
		for {
			if _, err := x.accounts.Prune(x.serving); err != nil && x.serving.Err() == nil {
				x.log.Error("what has expired could not be removed", "error", err)
			}
			if err := x.letters.ForgetSources(x.serving); err != nil && x.serving.Err() == nil {
				x.log.Error("where visitors came from could not be forgotten", "error", err)
			}
			select {
			case <-x.serving.Done():
				return
			case <-tick.C:
			}
		}
	})
}
