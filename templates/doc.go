// Package templates promises that what people read is whole, escaped, and in one language at a time, or is not
// shown at all: a page or a mail that cannot be rendered to its end is an error, never half a page.
//
// It holds every page, every mail, every printed sheet, and the words of the interface in five languages. It does no I/O and knows no HTTP:
// callers hand it plain structs and get bytes back. Of the domain it knows one thing, the sheet that an appeal is
// composed from (Editions).
//
// A page is a struct (TakeAction, Campaign, …) that names its template. That the two fit is held by tests: each file
// under page/ and partial/ is claimed, and each branch of each template is executed against its struct in every
// language it must exist in. A message or a field that is missing all the same is an error of Render, not an empty
// place on the page.
//
// Mails are composed, not sent: RenderAppeal makes a text and an HTML part of the same content and with the same
// links. Whatever differs from member to member is handed in as a hole, a mark of ASCII letters and digits, and
// comes out unchanged wherever it stands, in text, HTML and links, so that the mailer can fill it. What a coordinator
// wrote is Markdown and is never parsed as a template: of its own it can hold only {removal_at}, {deadline} and
// {number}, and anything else in braces is refused with its line and column.
//
// Everything in this package is safe for concurrent use; templates and words are parsed once, at the first use or by Check.
package templates
