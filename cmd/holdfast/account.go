package main

import (
	"context"
	"strings"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

// accountCommands are about staff accounts.
type accountCommands struct {
	Add accountAddCommand `cmd:"" help:"Make an account. The password is asked for on the terminal, or read from standard input."`
}

type accountAddCommand struct {
	Address    string   `arg:"" help:"The address to sign in with."`
	Name       string   `required:"" help:"The name of the person."`
	Role       []string `required:"" placeholder:"ROLE" help:"What they do, one or several: ${roles}."`
	Language   string   `default:"en" help:"The language of their pages."`
	NoPassword bool     `help:"No password yet: they sign in by a link in their mail and may set one then."`
	JSON       bool     `help:"Print the account as JSON."`
}

// Help shows it done.
func (accountAddCommand) Help() string {
	return "Example: holdfast account add ada@refnet.example --name 'Ada Example' --role coordinator --role reviewer"
}

// Run makes the account.
func (a *accountAddCommand) Run(ctx context.Context, c *console) error {
	return withHouse(ctx, c, storeSettings(), func(h *house) error {
		n := accounts.NewAccount{Address: a.Address, Name: a.Name, Language: a.Language, Roles: rolesOf(a.Role)}
		if !a.NoPassword {
			var err error
			if n.Password, err = c.newPassword(ctx); err != nil {
				return err
			}
		}
		made, err := h.accounts.Add(ctx, audit.System(), n)
		if err != nil {
			return err
		}
		if a.JSON {
			return c.json(made)
		}
		c.say("account %d is made: %s, %s", made.ID, made.Address, joinRoles(made.Roles))
		return nil
	})
}

func rolesOf(words []string) []accounts.Role {
	roles := make([]accounts.Role, len(words))
	for i, word := range words {
		roles[i] = accounts.Role(word)
	}
	return roles
}

func joinRoles(roles []accounts.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

// roleNames lists the roles for help texts.
func roleNames() string { return joinRoles(accounts.Roles()) }
