package mail

import (
	"regexp"
	"strconv"
)

// Trouble is what stands in a mail's way, as far as staff can do something about
// it. Each has its words in the catalogues: alert.mail_trouble.*.
type Trouble string

// The troubles.
const (
	TroubleAddress     Trouble = "address"     // nobody has this address
	TroubleFull        Trouble = "full"        // the mailbox takes no more
	TroubleRefused     Trouble = "refused"     // the server does not take mails from us
	TroubleContent     Trouble = "content"     // the server does not take this mail
	TroubleUnreachable Trouble = "unreachable" // no server answers
	TroubleUnwritten   Trouble = "unwritten"   // the mail could not be made: nothing was sent
	TroubleOther       Trouble = "other"
)

// Troubles lists them all.
var Troubles = []Trouble{
	TroubleAddress, TroubleFull, TroubleRefused, TroubleContent, TroubleUnreachable, TroubleUnwritten, TroubleOther,
}

// Steps of a delivery, as errors name them.
const (
	doingWrite     = "writing the mail"
	doingConnect   = "connecting to the mail server"
	doingSender    = "naming the sender"
	doingRecipient = "naming the recipient"
	doingBegin     = "beginning the content"
	doingContent   = "sending the content"
	doingFinish    = "finishing the content"
)

// An Error as outbox rows and alerts keep it: the step and the class, and somewhere
// behind them the server's reply as net/textproto writes it, its text in quotes,
// before which most servers put an enhanced status (RFC 3463).
var (
	kept  = regexp.MustCompile(`^([a-z ]+) \((?:permanent|temporary|unclear)\):`)
	reply = regexp.MustCompile(`: ([245]\d\d)[ -]"?(?:[245]\.(\d{1,3})\.(\d{1,3})\b)?`)
)

// TroubleIn reads the text of a Sender's error: the enhanced status first, since
// its subject and detail say more, then the reply's code (RFC 5321, 4.2.3) and
// the step at which it came. A text of anything else is a mail that could not be
// made.
func TroubleIn(text string) Trouble {
	step := kept.FindStringSubmatch(text)
	if step == nil || step[1] == doingWrite {
		return TroubleUnwritten
	}
	said := reply.FindStringSubmatch(text)
	if said == nil {
		return TroubleUnreachable
	}
	if trouble := troubleOf(said[2], said[3]); trouble != "" {
		return trouble
	}
	doing := step[1]
	code, err := strconv.Atoi(said[1])
	if err != nil {
		return TroubleOther
	}
	switch {
	case code == 552 || code == 452:
		return TroubleFull
	case doing == doingConnect, doing == doingSender, code == 530, code == 534, code == 535:
		return TroubleRefused
	case doing == doingRecipient && code >= 500:
		return TroubleAddress
	case code >= 500:
		return TroubleContent
	default:
		return TroubleOther
	}
}

// troubleOf is what an enhanced status says, nothing where it leaves the matter
// open.
func troubleOf(subject, detail string) Trouble {
	switch {
	case subject == "1" && (detail == "7" || detail == "8"): // the sender's address
		return TroubleRefused
	case subject == "1", subject == "2" && detail == "1": // unknown, or closed
		return TroubleAddress
	case subject == "2" && detail == "2":
		return TroubleFull
	case subject == "2" && detail == "3", subject == "3" && detail == "4", subject == "6": // too long, or in a form it does not know
		return TroubleContent
	case subject == "7":
		return TroubleRefused
	default:
		return ""
	}
}
