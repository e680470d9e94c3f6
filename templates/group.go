package templates

// Groups is the page at /admin/groups. Its form: POST /admin/groups with name and city.
type Groups struct {
	Rows       []GroupRow
	Name, City string // as they were typed
}

// GroupRow is one local group.
type GroupRow struct {
	ID, Name, City string
	Members        int64 // subscribed now
}

func (Groups) spec() spec {
	return spec{file: "groups", layout: staffLayout, partials: []string{"form"}}
}

// GroupForm is the page at /admin/groups/{id}. Its form: POST /admin/groups/ID with name and city, as they were typed.
type GroupForm struct{ ID, Name, City string }

func (GroupForm) spec() spec {
	return spec{file: "group_form", layout: staffLayout, partials: []string{"form"}}
}
