// Package mail writes the store's mails and sends them. Rendering is pure: an
// outbox row's event and facts, a language and the store's data become subject,
// text and HTML. Senders report whether a failure is temporary, permanent or
// unclear; when to try again is the engine's business. The embedded mail box of
// demo and tests is in mail/mailbox.
package mail

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

//go:embed layout.html layout.txt
var layouts embed.FS

var (
	htmlLayout = htmltemplate.Must(htmltemplate.New("layout.html").Funcs(htmltemplate.FuncMap{
		"font": fontStack, "serif": serifStack,
	}).ParseFS(layouts, "layout.html"))
	textLayout = texttemplate.Must(texttemplate.ParseFS(layouts, "layout.txt"))
)

// Render writes the mail of an event in the localizer's language. The same facts
// give the same mail, whenever it is rendered. It fails for an unknown event and
// for facts without the link that the event's button needs.
func Render(loc *i18n.Localizer, event Event, facts Facts, store StoreFacts) (subject, text, html string, err error) {
	if store.Zone == nil {
		return "", "", "", errors.New("rendering a mail: the store's time zone is missing")
	}
	l, err := writer{loc: loc, facts: facts, store: store}.compose(event)
	if err != nil {
		return "", "", "", fmt.Errorf("rendering a mail: %w", err)
	}
	var plain, rich strings.Builder
	if err := textLayout.Execute(&plain, l); err != nil {
		return "", "", "", fmt.Errorf("rendering the text of a %s mail: %w", event, err)
	}
	if err := htmlLayout.Execute(&rich, l); err != nil {
		return "", "", "", fmt.Errorf("rendering the HTML of a %s mail: %w", event, err)
	}
	return l.Subject, plain.String(), rich.String(), nil
}

// fontStack puts the language's own faces first, so that Han characters take the
// form its readers know.
func fontStack(lang string) htmltemplate.CSS {
	switch i18n.Lang(lang) {
	case i18n.ZhHans:
		return `-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif`
	case i18n.ZhHant:
		return `-apple-system,'PingFang TC','Microsoft JhengHei','Noto Sans TC',sans-serif`
	case i18n.En:
		return `-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Hiragino Sans','Noto Sans JP',sans-serif`
	default:
		return `-apple-system,'Hiragino Sans','Yu Gothic UI',Meiryo,'Noto Sans JP','Noto Sans CJK JP',sans-serif`
	}
}

func serifStack(lang string) htmltemplate.CSS {
	switch i18n.Lang(lang) {
	case i18n.ZhHans:
		return `'Songti SC','Noto Serif SC','Noto Serif CJK SC',serif`
	case i18n.ZhHant:
		return `'Songti TC','Noto Serif TC','Noto Serif CJK TC',serif`
	case i18n.En:
		return `Georgia,'Hiragino Mincho ProN','Noto Serif JP',serif`
	default:
		return `'Hiragino Mincho ProN','Yu Mincho','Noto Serif JP','Noto Serif CJK JP',serif`
	}
}
