package main

import (
	"strconv"
	"strings"
)

// count writes a number with its thousands set apart: 12,000.
func count[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// bar draws the share of width that is done.
func bar(share float64, width int) string {
	n := min(max(int(share*float64(width)), 0), width)
	return strings.Repeat("█", n) + strings.Repeat("·", width-n)
}
