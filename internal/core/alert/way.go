package alert

// Way out of an alert: what staff press.
type Way string

// The ways out.
const (
	WayRetry     Way = "retry"     // try what failed again: charge, order, send, process
	WayLink      Way = "link"      // mail the customer the link that pays the order
	WayCOD       Way = "cod"       // 代金引換に切り替え
	WayTakeBack  Way = "take-back" // cancel the order, the subscription goes on
	WaySkip      Way = "skip"      // お休みにする
	WayCancel    Way = "cancel"    // 解約
	WayTakeOver  Way = "take-over" // the box of the cart before is ours: order it
	WayElsewhere Way = "elsewhere" // the cart before delivered it: count it
	WayDone      Way = "resolve"   // somebody has dealt with it: 対応済み
)

// Ways out of an alert of a kind, the one to try first at the head. A box that the
// cart before may have delivered has to be decided about: it cannot be put aside.
func (k Kind) Ways() []Way {
	switch k {
	case KindPaymentFailed:
		return []Way{WayLink, WayRetry, WayCOD, WayTakeBack, WayDone}
	case KindAuthentication: // a card that asks its owner does so again: no retry
		return []Way{WayLink, WayCOD, WayTakeBack, WayDone}
	case KindPaymentRefused:
		return []Way{WayRetry, WayCOD, WayTakeBack, WayDone}
	case KindStockOut:
		return []Way{WayRetry, WaySkip, WayCancel, WayDone}
	case KindProductEnded:
		return []Way{WaySkip, WayCancel, WayRetry, WayDone}
	case KindNoCard, KindCardFailed:
		return []Way{WayCOD, WaySkip, WayCancel, WayRetry, WayDone}
	case KindNoZone, KindCODLimit:
		return []Way{WayRetry, WaySkip, WayCancel, WayDone}
	case KindPaymentUnclear, KindQuarantined, KindMailRefused:
		return []Way{WayRetry, WayDone}
	case KindCutover:
		return []Way{WayElsewhere, WayTakeOver}
	case KindMissed, KindStockSkipped, KindStockRest, KindPriceCard, KindPriceNearby, KindLateMoney:
		return []Way{WayDone}
	default:
		return []Way{WayDone}
	}
}

// Has reports whether a kind has a way out.
func (k Kind) Has(w Way) bool {
	for _, way := range k.Ways() {
		if way == w {
			return true
		}
	}
	return false
}

// Moves reports whether retrying an alert of a kind may charge somebody, so that
// it is asked for once more.
func (k Kind) Moves() bool { return k != KindMailRefused && k != KindQuarantined }
