package accounts

import (
	"slices"
	"strings"
	"testing"

	"holdfast/internal/failure"
)

func TestA8_EveryPermissionHasRolesAndIsRefusedToTheOthers(t *testing.T) {
	t.Parallel()
	for _, permission := range Permissions() {
		if len(permission.Roles()) == 0 {
			t.Errorf("nobody may %s", permission)
		}
		for _, role := range Roles() {
			p := Principal{AccountID: 1, Roles: []Role{role}}
			err := p.Require(permission)
			if has := slices.Contains(permission.Roles(), role); p.May(permission) != has || (err == nil) != has {
				t.Errorf("may a %s %s? May = %t, Require = %v, the table says %t", role, permission, p.May(permission), err, has)
			}
			if err != nil && (!failure.Is(err, failure.Forbidden) || !strings.Contains(err.Error(), string(permission.Roles()[0]))) {
				t.Errorf("%s to a %s: %q does not name the role that may", permission, role, err)
			}
		}
		if (Principal{AccountID: 1}).May(permission) {
			t.Errorf("somebody without a role may %s", permission)
		}
	}
	if err := (Principal{Roles: Roles()}).Require("fly"); !failure.Is(err, failure.Forbidden) {
		t.Errorf("a permission that is not in the table: %v, want forbidden", err)
	}
	if err := (Principal{Roles: Roles(), TokenID: 3}).Require(OwnAccount); !failure.Is(err, failure.Forbidden) {
		t.Errorf("a token looking after its account: %v, want forbidden", err)
	}
}

func TestAdministratorsSeeNoContentAndLaunchNothing(t *testing.T) {
	t.Parallel()
	admin := Principal{AccountID: 1, Roles: []Role{Administrator}}
	for _, permission := range Permissions() {
		allowed := slices.Contains([]Permission{ManageAccounts, ReadAudit, OwnAccount}, permission)
		if admin.May(permission) != allowed {
			t.Errorf("may an administrator %s? %t, want %t", permission, admin.May(permission), allowed)
		}
	}
	want := "only a coordinator may launch an appeal"
	if err := admin.Require(LaunchAppeals); err == nil || err.Error() != want {
		t.Errorf("refusal = %v, want %q", err, want)
	}
}
