package letters

import (
	"hash/fnv"
	"strings"
)

const (
	fingerprintBytes = 128 // one of each hash; more is more exact, not more telling
	shingleWords     = 3
)

// shingles are hashes of every three words in a row, plain: what two texts that share sentences have in common.
func shingles(text string) map[uint64]bool {
	words := plainWords(text)
	set := map[uint64]bool{}
	for i := 0; i+shingleWords <= len(words); i++ {
		h := fnv.New64a()
		_, _ = h.Write([]byte(strings.Join(words[i:i+shingleWords], " ")))
		set[mix(h.Sum64())] = true
	}
	return set
}

// mix spreads a number over all its bits (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Fingerprint says what a text is like, in 128 bytes whatever its length, to be compared by Similarity: of each of 128 orders of its three-word
// rows the first, cut to its last byte (minwise hashing, Broder 1997; b bits of each, Li and König 2010). The text cannot be had back from it:
// each byte fits one of 256 of all rows of words there are. It is nil for a text of less than three words.
func Fingerprint(text string) []byte {
	set := shingles(text)
	if len(set) == 0 {
		return nil
	}
	print := make([]byte, fingerprintBytes)
	for i := range print {
		least := ^uint64(0)
		for s := range set {
			least = min(least, mix(s+uint64(i+1)*0x9e3779b97f4a7c15))
		}
		print[i] = byte(least)
	}
	return print
}

// Similarity estimates how much of two texts is the same, from 0 to 1, by their fingerprints: the share of rows of three words that both have among those
// that either has (Jaccard), give or take 0.1. What is no fingerprint is like nothing.
func Similarity(a, b []byte) float64 {
	if len(a) != fingerprintBytes || len(b) != fingerprintBytes {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	const chance = 1.0 / 256 // that two bytes agree of which neither knows
	return max(0, (float64(same)/fingerprintBytes-chance)/(1-chance))
}

// takenFrom is the share of a text's rows of three words that stand in another.
func takenFrom(text, other string) float64 {
	mine, theirs := shingles(text), shingles(other)
	if len(mine) == 0 {
		return 0
	}
	shared := 0
	for s := range mine {
		if theirs[s] {
			shared++
		}
	}
	return float64(shared) / float64(len(mine))
}
