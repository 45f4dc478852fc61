package simulation

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Cards says how many of the stored cards refuse, in basis points (600 = 6 %).
// Which ones they are depends on the card's name at the gateway alone, so that
// two simulations of one store agree.
type Cards struct {
	Declined       int `json:"declined"`       // by the bank, for reasons of several kinds
	Authentication int `json:"authentication"` // only with the customer present (3-D Secure)
	Missing        int `json:"missing"`        // no longer known to the gateway
}

// UsualCards are the shares to reckon with where nothing better is known.
var UsualCards = Cards{Declined: 600, Authentication: 100, Missing: 100}

// all cards, in basis points.
const all = 10_000

// Check refuses shares that are none (fault.Invalid, with the field).
func (c Cards) Check() error {
	var list fault.List
	for _, share := range []struct {
		field string
		of    int
	}{{"declined", c.Declined}, {"authentication", c.Authentication}, {"missing", c.Missing}} {
		if share.of < 0 || share.of > all {
			list.Add(fault.Field(share.field, "simulation.fault.share"))
		}
	}
	if len(list) == 0 && c.Declined+c.Authentication+c.Missing > all {
		list.Add(fault.Field("declined", "simulation.fault.shares"))
	}
	return list.Err()
}

// kinds are how often banks give which reason, of a hundred declines.
var kinds = []struct {
	of     uint32
	reason string
}{
	{40, "insufficient_funds"},
	{20, "generic_decline"},
	{10, "do_not_honor"},
	{15, "expired_card"},
	{5, "card_velocity_exceeded"},
	{5, "processing_error"},
	{3, "lost_card"},
	{2, "stolen_card"},
}

// Behaviour is what the gateway's simulator plays for a card, in its own words:
// ok, missing, 3ds_always or a decline code.
func (c Cards) Behaviour(card string) string {
	sum := sha256.Sum256([]byte(card))
	place := int(binary.BigEndian.Uint32(sum[:]) % all)
	switch {
	case place < c.Declined:
		return declined(binary.BigEndian.Uint32(sum[4:]) % 100)
	case place < c.Declined+c.Authentication:
		return "3ds_always"
	case place < c.Declined+c.Authentication+c.Missing:
		return "missing"
	default:
		return "ok"
	}
}

func declined(place uint32) string {
	for _, k := range kinds {
		if place < k.of {
			return k.reason
		}
		place -= k.of
	}
	return kinds[0].reason
}
