// Package demo promises a network to try everything on that harms nobody: every person in it is invented, every
// address ends in .example, and every mail is caught.
//
// Its fixtures are ten cases, the offices that decide on them, seven local groups, four accounts and as many members as
// are asked for, the same every time for the same seed. Seed puts them into a database through the same doors as any
// coordinator would: no rule of the house is stepped around, and a fixture that breaks one is an error. Seed may be
// called again at any time, also after it broke off: what is there stays as it is, what is missing is added.
//
// The mailbox is a real SMTP server on loopback that takes mail for anybody, keeps the last of it in memory and shows it
// at /mailbox: as text, as HTML in a frame that can do nothing, and as source. It passes nothing on but mail to addresses of the
// house, which goes to the desk that takes mail in. Whoever looks at a letter or an alert may answer it as the office or the member that
// got it, or send a letter in the writer's own name: such mail takes the same way, and its page says what the desk made of it.
//
// Write has the invented members, visitors, groups and offices do with letters what people do, so that each page about them has something to
// show. What it says that the house has mailed, the house has mailed.
//
// Postal addresses of offices are those that the offices have published. Where the day on which somebody saw them is
// not known, none is given.
//
// Texts in languages that no native speaker has read say so in their last line.
package demo
