package main

import "github.com/teiki-commerce/teiki/bench/ground"

// result is the JSON line. Times are of the wall clock, CPU times are of all
// processes but this one, which plays shoppers and mail server.
type result struct {
	Database      string `json:"database"`
	Subscriptions int    `json:"subscriptions"`
	Due           int    `json:"due"`
	Orders        int    `json:"orders"`
	Charges       int    `json:"charges"` // that took money, at the gateway
	Mails         int    `json:"mails"`   // rows of the outbox about these orders
	MailsSent     int    `json:"mails_sent"`
	StockOK       bool   `json:"stock_ok"`
	// Reconciled: every due box is one order, one charge, one mail and its pieces.
	Reconciled bool `json:"reconciled"`

	Seconds           float64 `json:"seconds"` // until the last due order was paid
	RenewalsPerSecond float64 `json:"renewals_per_second"`
	CPUPerRenewal     float64 `json:"cpu_ms_per_renewal"`
	// CPUParts are the same by process; shoppers' pages are in teiki's.
	CPUParts map[string]float64 `json:"cpu_ms_parts"`
	// SecondsToAll is until the last webhook was handled and the last mail sent.
	SecondsToAll float64 `json:"seconds_to_all"`
	CPUToAll     float64 `json:"cpu_ms_per_renewal_to_all"`
	RSSMB        float64 `json:"rss_mb"` // peak of the program's processes together

	ShopperOrders   int     `json:"shopper_orders"`
	ShopperWriteP50 float64 `json:"shopper_write_p50_ms"` // pressing the button of the final confirmation
	ShopperWriteP99 float64 `json:"shopper_write_p99_ms"`
	ShopperWriteMax float64 `json:"shopper_write_max_ms"`
	ShopperErrors   int     `json:"shopper_errors"`

	// Baseline: one renewal a transaction, nine statements of plain SQL, as many
	// clients as help, no gateway, on the same disk in the same run.
	Baseline float64 `json:"baseline_per_second"`

	Durability map[string]string `json:"durability"` // as read back from the database
	Machine    ground.Machine    `json:"machine"`
	Commit     string            `json:"commit"`
	At         string            `json:"at"`
}
