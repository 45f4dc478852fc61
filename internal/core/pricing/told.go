package pricing

// priceAsTold keeps the total at what the customer was told (Input.Told) where
// postage or the fee of cash on delivery make it more now: the postage takes the
// difference, then the fee. What goods cost more was agreed, and stays.
func priceAsTold(in Input) (Priced, error) {
	out, err := price(in)
	if err != nil || in.Told <= 0 || out.Total <= in.Told {
		return out, err
	}
	less := in
	less.lessPostage = min(out.Total-in.Told, out.Shipping)
	if out, err = price(less); err != nil {
		return Priced{}, err
	}
	// A smaller sum may have a smaller fee or less tax, too: what is too much of the
	// difference is postage again.
	if rest := min(in.Told-out.Total, less.lessPostage); rest > 0 {
		more := less
		more.lessPostage -= rest
		if fuller, err := price(more); err == nil && fuller.Total <= in.Told {
			return fuller, nil
		}
	}
	if out.Total > in.Told {
		less.lessFee = min(out.Total-in.Told, out.Fee)
		return price(less)
	}
	return out, nil
}
