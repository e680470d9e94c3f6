package audit

const recordSQL = `
INSERT INTO audit_events (actor, account_id, action, subject, subject_id, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7)`
