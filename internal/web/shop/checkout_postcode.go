package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/postcode"
)

// knowsTowns reports whether postcodes of a country can be looked up.
func knowsTowns(c place.Country) bool { return c == "JP" }

// lookUpPostcode shows the checkout again with the town of the postcode. It fills
// what is empty and keeps all that was typed; what the town is stands beside the
// postcode, so that a difference is seen.
func (h *Handlers) lookUpPostcode(w http.ResponseWriter, r *http.Request, typed flow.ChooseDelivery) error {
	preview, ready, err := h.orderable(w, r)
	if err != nil || !ready {
		return err
	}
	a, found := &typed.Address, &FoundTown{}
	if town, known := postcode.Lookup(a.Postcode); known && knowsTowns(a.Country) {
		a.Postcode = place.Postcode(a.Country, a.Postcode)
		found = &FoundTown{Region: town.Region, City: town.City, Street: town.Name, Text: townText(a.Country, town)}
		fill(&a.Region, town.Region)
		fill(&a.City, town.City)
		fill(&a.Street, town.Name)
	}
	return h.showCheckout(w, r, http.StatusOK, preview, typed, nil, found)
}

// townText is the town in one line, as it stands in an address.
func townText(c place.Country, town postcode.Town) string {
	region, _ := place.RegionOf(c, town.Region)
	return region.Local + town.City + town.Name
}

// fill sets what is empty.
func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
