package templates

import "time"

// engineSamples are the engine's page when all is well, with everything wrong at once, and the banner on another page.
func engineSamples(lang string) []sample {
	head := staffHead(lang, "engine")
	number := sampleNumber()
	well := EngineState{At: sampleNow, Versions: []string{"v1.2.0"}, Processes: []ProcessRow{
		{Process: "q7k2mzv4xw3b", Relay: "relay.example:587", Version: "v1.2.0", State: "open", Connections: 8, PerSecond: 412, Ago: time.Second}},
		Leaving: []LeavingRow{{AppealID: "7", Number: number, Kind: "first", Counted: true, Accepted: 1200, Eligible: 2500, Rate: 24000, Forecast: 4 * time.Minute},
			{AppealID: "8", Number: number, Kind: "update"}}}
	bad := well
	bad.Versions, bad.Processes = []string{"v1.2.0", "v1.3.0"}, append(well.Processes, ProcessRow{Process: "d5tk7q2mzv4x", Relay: "other.example:25", Version: "v1.3.0",
		State: "refuses_us", Ago: 3 * time.Minute, Silent: true})
	bad.Paused = []PausedRow{{Provider: "mail.example", Since: sampleNow, Until: sampleNow.Add(5 * time.Minute), Code: 421}}
	bad.Held = []HeldRow{{AppealID: "7", Number: number, Reason: "blocked", Since: sampleNow}}
	bad.Faults = []Fault{{Kind: "no_worker", Grave: true}, {Kind: "no_worker", Grave: true, For: 50 * time.Second},
		{Kind: "refuses_us", Grave: true, Relay: "other.example:25", Code: 535, Others: true},
		{Kind: "relay_down", Grave: true, Relay: "relay.example:587", Step: "connect"}, {Kind: "relay_down", Grave: true, Relay: "relay.example:587"},
		{Kind: "blocked", Grave: true, AppealID: "7", Number: number, Resume: true}, {Kind: "unwritable", Grave: true, AppealID: "7", Number: number},
		{Kind: "overdue", Grave: true, N: 12, For: 2 * time.Minute}, {Kind: "database_full", Grave: true, N: 95, Of: 100},
		{Kind: "unknown_held", AppealID: "7", Number: number, N: 3}, {Kind: "process_silent", For: time.Minute},
		{Kind: "paused", Provider: "mail.example", Until: sampleNow.Add(5 * time.Minute), Code: 421}, {Kind: "versions", Versions: bad.Versions}}
	elsewhere, limited := staffHead(lang, "campaigns"), staffHead(lang, "accounts")
	elsewhere.Alarm, limited.Alarm, limited.May = &bad.Faults[1], &bad.Faults[2], Powers{}
	return []sample{
		of("engine", head, Engine{well}), of("engine-bad", head, Engine{bad}), of("engine-nothing", head, Engine{EngineState{At: sampleNow, Faults: bad.Faults[:1]}}),
		of("engine-state", head, bad), of("campaigns-alarm", elsewhere, Campaigns{}), of("accounts-alarm", limited, Accounts{}),
	}
}
