package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"testing"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

func TestARefusalIsReadAsWhatStaffCanDoSomethingAbout(t *testing.T) {
	said := func(code int, text string) error { return &textproto.Error{Code: code, Msg: text} }
	for _, c := range []struct {
		doing string
		err   error
		want  Trouble
	}{
		{doingRecipient, said(550, "5.1.1 <x@example.jp>: user unknown"), TroubleAddress},
		{doingRecipient, said(550, "No such user here"), TroubleAddress},
		{doingRecipient, said(550, "5.2.1 mailbox disabled"), TroubleAddress},
		{doingRecipient, said(552, "5.2.2 mailbox full"), TroubleFull},
		{doingRecipient, said(552, "quota exceeded"), TroubleFull},
		{doingFinish, said(452, "4.2.2 over quota"), TroubleFull},
		{doingRecipient, said(550, "5.7.1 relaying denied: 552 does not matter"), TroubleRefused},
		{doingRecipient, said(554, "5.7.26 unauthenticated sender"), TroubleRefused},
		{doingSender, said(550, "sender not allowed"), TroubleRefused},
		{doingSender, said(553, "5.1.8 sender's domain unknown"), TroubleRefused},
		{doingConnect, fmt.Errorf("SMTP AUTH failed: %w", said(535, "5.7.8 bad login")), TroubleRefused},
		{doingConnect, fmt.Errorf("greeting: %w", said(554, "no service")), TroubleRefused},
		{doingFinish, said(554, "5.6.0 bad content"), TroubleContent},
		{doingFinish, said(550, "we do not like this"), TroubleContent},
		{doingBegin, said(451, "4.3.0 try later"), TroubleOther},
		{doingConnect, errors.New("dial tcp 192.0.2.1:587: connect: connection refused"), TroubleUnreachable},
		{doingConnect, errors.New("dial tcp: lookup mail.example: no such host"), TroubleUnreachable},
		{doingContent, errors.New("read tcp 10.0.0.1:5500->10.0.0.2:25: i/o timeout"), TroubleUnreachable},
		{doingWrite, errors.New("recipient \"x\": no address"), TroubleUnwritten},
	} {
		text := refusal(c.doing, c.err, Temporary).Error()
		if got := TroubleIn(text); got != c.want {
			t.Errorf("%s: %s, want %s", text, got, c.want)
		}
	}
	if got := TroubleIn("read order: no such row"); got != TroubleUnwritten {
		t.Errorf("a mail that could not be made: %s", got)
	}
}

func TestEveryTroubleHasItsWords(t *testing.T) {
	c := catalog(t)
	for _, lang := range i18n.Langs {
		for _, trouble := range Troubles {
			for _, key := range []string{"alert.mail_trouble." + string(trouble), "alert.mail_trouble." + string(trouble) + ".advice"} {
				if !c.For(lang).Has(key) {
					t.Errorf("%s has no text for %s", lang, key)
				}
			}
		}
	}
}
