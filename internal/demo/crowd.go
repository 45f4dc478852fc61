package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/postcode"
)

// peopleFile holds names and towns, which the dice put together.
//
//go:embed people.json
var peopleFile []byte

// crowd makes people who do not exist. Names are of those that many bear, towns
// are real, and so the postcodes fit; house numbers are thrown.
type crowd struct {
	dice   *dice
	made   map[string]bool // mail addresses
	called int

	Families  [][3]string `json:"families"` // written, kana, Latin
	Givens    [][3]string `json:"givens"`
	Guests    []guest     `json:"guests"` // those who read the shop in another language
	Postcodes []string    `json:"postcodes"`
	Buildings []string    `json:"buildings"`
}

type guest struct {
	Family     string `json:"family"`
	Given      string `json:"given"`
	FamilyKana string `json:"family_kana"`
	GivenKana  string `json:"given_kana"`
	Lang       string `json:"lang"`
	Mail       string `json:"mail"` // before the @; empty: made of the name
}

func newCrowd(d *dice) (*crowd, error) {
	c := &crowd{dice: d, made: map[string]bool{CustomerMail: true}}
	if err := json.Unmarshal(peopleFile, c); err != nil {
		return nil, fmt.Errorf("read people.json: %w", err)
	}
	return c, nil
}

// identity is who somebody is before they register.
type identity struct {
	name    place.Name
	mail    string
	lang    string
	address place.Address
}

// somebody is a person who was not there before.
func (c *crowd) somebody() (identity, error) {
	for {
		family, given := pick(c.dice, c.Families), pick(c.dice, c.Givens)
		who := identity{
			name: place.Name{Family: family[0], Given: given[0], FamilyKana: family[1], GivenKana: given[1]},
			mail: given[2] + "." + family[2] + "@example.jp", lang: "ja",
		}
		if c.made[who.mail] {
			continue
		}
		c.made[who.mail] = true
		var err error
		who.address, err = c.address(who.name)
		return who, err
	}
}

// foreigner is the n-th guest.
func (c *crowd) foreigner(n int) (identity, error) {
	g := c.Guests[n%len(c.Guests)]
	who := identity{
		name: place.Name{Family: g.Family, Given: g.Given, FamilyKana: g.FamilyKana, GivenKana: g.GivenKana}, lang: g.Lang,
	}
	mail := g.Mail
	if mail == "" {
		mail = strings.ToLower(g.Given + "." + g.Family)
	}
	who.mail = mail + "@example.com"
	var err error
	who.address, err = c.address(who.name)
	return who, err
}

// address is somewhere in a real town. The phone numbers are of no network.
func (c *crowd) address(name place.Name) (place.Address, error) {
	code := pick(c.dice, c.Postcodes)
	town, ok := postcode.Lookup(code)
	if !ok {
		return place.Address{}, fmt.Errorf("people.json: no town has the postcode %s", code)
	}
	d := c.dice
	c.called++
	a := place.Address{
		Country: "JP", Postcode: code, Region: town.Region, City: town.City, Name: name,
		Street: fmt.Sprintf("%s%d-%d-%d", town.Name, 1+d.below(5), 1+d.below(28), 1+d.below(18)),
		Phone:  fmt.Sprintf("%s-5550-%04d", pick(d, []string{"070", "080", "090"}), 1000+c.called*37%9000),
	}
	if d.percent(45) {
		short := strings.TrimRight(town.Name, "東西南北")
		a.Building = fmt.Sprintf("%s%s %d0%d", pick(d, c.Buildings), short, 1+d.below(9), 1+d.below(8))
	}
	return a, nil
}

// cards that go through, as most people's do; a few ask for 3-D Secure.
var goodCards = slices.Concat(
	slices.Repeat([]string{"4242424242424242"}, 11), slices.Repeat([]string{"5555555555554444"}, 5),
	[]string{"378282246310005", "4000056655665556", "4000002500003155", "4000002500003155"},
)
