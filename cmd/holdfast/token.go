package main

import (
	"context"
	"fmt"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

// tokenCommands are about API tokens.
type tokenCommands struct {
	Add tokenAddCommand `cmd:"" help:"Make an API token and print it, this once."`
}

type tokenAddCommand struct {
	Account string   `required:"" placeholder:"ADDRESS" help:"Whose token it is, by the address of the account."`
	Name    string   `required:"" help:"What it is for: 'nightly import'."`
	Role    []string `placeholder:"ROLE" help:"What it may do, of what its account may: ${roles}. All of that, where none is given."`
	JSON    bool     `help:"Print the token with all that is known of it as JSON."`
}

// Run makes the token.
func (t *tokenAddCommand) Run(ctx context.Context, c *console) error {
	return withHouse(ctx, c, storeSettings(), func(h *house) error {
		account, err := h.accounts.FindByAddress(ctx, t.Account)
		if err != nil {
			return withHint(err, "holdfast account add makes one")
		}
		roles := rolesOf(t.Role)
		if len(roles) == 0 {
			roles = account.Roles
		}
		token, secret, err := h.accounts.AddToken(ctx, audit.System(), account.ID, t.Name, roles)
		if err != nil {
			return err
		}
		if t.JSON {
			return c.json(struct {
				accounts.Token
				Secret string `json:"token"`
			}{token, secret})
		}
		c.say("token %d of account %d may act as %s; it is shown once and cannot be shown again:", token.ID, account.ID, joinRoles(token.Roles))
		fmt.Fprintln(c.out, secret)
		return nil
	})
}
