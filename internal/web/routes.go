package web

import (
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/mypage"
)

// routes is the site map: every address that answers, for whom, and how it is
// made sure that what it touches belongs to who asks. The mux is built from it
// and from nothing else; the test of this file refuses a line that leaves
// something out.
func (s *server) routes() []Route {
	var (
		everybody = none("shows what everybody may see")
		writing   = none("takes a message from anybody and shows nobody's")
		ownCart   = none("the cart is the session's and its lines are asked for by it")
		ownLists  = none("lists what belongs to the customer of the session")
		entering  = none("nobody is logged in yet")
		leaving   = none("ends the session that asks")
		ofStore   = none("staff may see all of their store, which every query is bound to")
		ofSelf    = none("shows and changes the account of the session")
		itself    = none("changes the account of the session")
		signed    = none("the signature of the message is checked")
		byToken   = none("finds whose it is by the token in the address and nothing else")
		nobodys   = none("holds no data of anybody")
	)
	table := []Route{
		{"GET /{$}", Shopper, "", everybody, s.shop.Home},
		{"GET /goods", Shopper, "", everybody, s.shop.Goods},
		{"GET /goods/{slug}", Shopper, "", everybody, s.shop.Product},
		{"GET /legal/contact", Public, "", writing, s.shop.Contact},
		{"POST /legal/contact", Public, "", writing, s.shop.SendContact},
		{"GET /legal/contact/thanks", Public, "", everybody, s.shop.ContactThanks},
		{"GET /legal/{page}", Public, "", everybody, s.shop.Legal},

		{"GET /cart", Shopper, "", ownCart, s.shop.Cart},
		{"POST /cart", Shopper, "", ownCart, s.shop.AddToCart},
		{"POST /cart/quantity", Shopper, "", ownCart, s.shop.SetQuantity},
		{"POST /cart/remove", Shopper, "", ownCart, s.shop.RemoveLine},

		{"GET /login", Public, "", entering, s.shop.Login},
		{"POST /login", Public, "", entering, s.shop.DoLogin},
		{"GET /login/code", Public, "", entering, s.shop.Code},
		{"POST /login/code", Public, "", entering, s.shop.DoCode},
		{"POST /login/code/send", Public, "", entering, s.shop.SendCode},
		{"GET /password/{token}", Public, "", byToken, s.shop.PasswordLink},
		{"POST /password/{token}", Public, "", byToken, s.shop.SetPassword},
		{"GET /register", Shopper, "", entering, s.shop.Register},
		{"POST /register", Shopper, "", entering, s.shop.DoRegister},
		{"POST /logout", Public, "", leaving, s.shop.Logout},

		{"GET /checkout", Buyer, "", ownCart, s.shop.Checkout},
		{"POST /checkout", Buyer, "", ownCart, s.shop.SaveCheckout},
		{"GET /checkout/confirm", Buyer, "", ownCart, s.shop.Confirm},
		{"POST /checkout/confirm", Buyer, "", ownCart, s.shop.Place},
		{"GET /orders/{id}/return", Customer, "", ownOrder, s.shop.OrderReturn},
		{"GET /orders/{id}/cancel", Customer, "", ownOrder, s.shop.OrderCancelReturn},
		{"GET /orders/{id}/thanks", Customer, "", ownOrder, s.shop.Thanks},
		{"POST /orders/{id}/pay", Customer, "", ownOrder, s.shop.PayOrder},

		{"GET /pay/{token}", Public, "", payToken, s.shop.PayLink},
		{"POST /pay/{token}/card", Public, "", payToken, s.shop.PayLinkCard},
		{"POST /pay/{token}/confirm", Public, "", payToken, s.shop.PayLinkConfirm},
		{"GET /pay/{token}/return", Public, "", payToken, s.shop.PayLinkReturn},

		{"GET /mypage", Customer, "", ownLists, s.mypage.Subscriptions},
		{"GET /mypage/subscriptions/{id}", Customer, "", ownSubscription, s.mypage.Subscription},
		{"GET /mypage/subscriptions/{id}/put-off", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindPutOff)},
		{"POST /mypage/subscriptions/{id}/put-off", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindPutOff)},
		{"GET /mypage/subscriptions/{id}/skip", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindSkip)},
		{"POST /mypage/subscriptions/{id}/skip", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindSkip)},
		{"GET /mypage/subscriptions/{id}/quantity", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindQuantity)},
		{"POST /mypage/subscriptions/{id}/quantity", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindQuantity)},
		{"GET /mypage/subscriptions/{id}/pause", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindPause)},
		{"POST /mypage/subscriptions/{id}/pause", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindPause)},
		{"GET /mypage/subscriptions/{id}/resume", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindResume)},
		{"POST /mypage/subscriptions/{id}/resume", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindResume)},
		{"GET /mypage/subscriptions/{id}/cancel", Customer, "", ownSubscription, s.mypage.ShowChange(mypage.KindCancel)},
		{"POST /mypage/subscriptions/{id}/cancel", Customer, "", ownSubscription, s.mypage.DoChange(mypage.KindCancel)},
		{"GET /mypage/orders", Customer, "", ownLists, s.mypage.Orders},
		{"GET /mypage/orders/{id}", Customer, "", ownOrder, s.mypage.Order},
		{"GET /mypage/account", Customer, "", ownLists, s.mypage.Account},
		{"POST /mypage/account/password", Customer, "", itself, s.mypage.ChangePassword},

		{"GET /admin/login", Door, "", entering, s.console.LoginForm},
		{"POST /admin/login", Door, "", entering, s.console.Login},
		{"POST /admin/logout", Door, "", leaving, s.console.Logout},
		{"GET /admin", Staff, staff.RoleViewer, ofStore, s.console.Home},
		{"GET /admin/search", Staff, staff.RoleViewer, ofStore, s.console.Search},
		{"GET /admin/orders", Staff, staff.RoleViewer, ofStore, s.console.Orders},
		{"GET /admin/orders/{number}", Staff, staff.RoleViewer, ofStore, s.console.Order},
		{"GET /admin/subscriptions", Staff, staff.RoleViewer, ofStore, s.console.Subscriptions},
		{"GET /admin/subscriptions/{number}", Staff, staff.RoleViewer, ofStore, s.console.Subscription},
		{"GET /admin/subscriptions/{number}/terms", Staff, staff.RoleViewer, ofStore, s.console.Terms},
		{"GET /admin/subscriptions/{number}/put-off", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangePutOff)},
		{"POST /admin/subscriptions/{number}/put-off", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangePutOff)},
		{"GET /admin/subscriptions/{number}/skip", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeSkip)},
		{"POST /admin/subscriptions/{number}/skip", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeSkip)},
		{"GET /admin/subscriptions/{number}/quantity", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeQuantity)},
		{"POST /admin/subscriptions/{number}/quantity", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeQuantity)},
		{"GET /admin/subscriptions/{number}/pause", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangePause)},
		{"POST /admin/subscriptions/{number}/pause", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangePause)},
		{"GET /admin/subscriptions/{number}/resume", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeResume)},
		{"POST /admin/subscriptions/{number}/resume", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeResume)},
		{"GET /admin/subscriptions/{number}/cancel", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeCancel)},
		{"POST /admin/subscriptions/{number}/cancel", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeCancel)},
		{"GET /admin/subscriptions/{number}/take-back", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeTakeBack)},
		{"POST /admin/subscriptions/{number}/take-back", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeTakeBack)},
		{"GET /admin/subscriptions/{number}/cod", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeCOD)},
		{"POST /admin/subscriptions/{number}/cod", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeCOD)},
		{"GET /admin/subscriptions/{number}/take-over", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeTakeOver)},
		{"POST /admin/subscriptions/{number}/take-over", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeTakeOver)},
		{"GET /admin/subscriptions/{number}/elsewhere", Staff, staff.RoleOperator, ofStore, s.console.ShowChange(console.ChangeElsewhere)},
		{"POST /admin/subscriptions/{number}/elsewhere", Staff, staff.RoleOperator, ofStore, s.console.DoChange(console.ChangeElsewhere)},
		{"GET /admin/customers", Staff, staff.RoleViewer, ofStore, s.console.Customers},
		{"GET /admin/customers/{id}", Staff, staff.RoleViewer, ofStore, s.console.Customer},
		{"GET /admin/customers/{id}/password-link", Staff, staff.RoleOperator, ofStore, s.console.AskPasswordLink},
		{"POST /admin/customers/{id}/password-link", Staff, staff.RoleOperator, ofStore, s.console.SendPasswordLink},
		{"GET /admin/customers/password-links", Staff, staff.RoleManager, ofStore, s.console.AskPasswordLinks},
		{"POST /admin/customers/password-links", Staff, staff.RoleManager, ofStore, s.console.SendPasswordLinks},
		{"GET /admin/conversations", Staff, staff.RoleViewer, ofStore, s.console.Conversations},
		{"GET /admin/conversations/{id}", Staff, staff.RoleViewer, ofStore, s.console.Conversation},
		{"POST /admin/conversations/{id}/handle", Staff, staff.RoleOperator, ofStore, s.console.HandleConversation},
		{"GET /admin/account", Staff, staff.RoleViewer, ofSelf, s.console.Account},
		{"POST /admin/account/language", Staff, staff.RoleViewer, ofSelf, s.console.ChangeLanguage},
		{"POST /admin/account/password", Staff, staff.RoleViewer, ofSelf, s.console.ChangePassword},
		{"GET /admin/products", Staff, staff.RoleViewer, ofStore, s.console.Products},
		{"GET /admin/products/new", Staff, staff.RoleManager, ofStore, s.console.NewProduct},
		{"POST /admin/products", Staff, staff.RoleManager, ofStore, s.console.CreateProduct},
		{"GET /admin/products/{id}", Staff, staff.RoleViewer, ofStore, s.console.Product},
		{"POST /admin/products/{id}", Staff, staff.RoleManager, ofStore, s.console.SaveProduct},
		{"POST /admin/products/{id}/pictures", Staff, staff.RoleManager, ofStore, s.console.SavePictures},
		{"GET /admin/settings", Staff, staff.RoleManager, ofStore, s.console.Settings},
		{"POST /admin/settings", Staff, staff.RoleManager, ofStore, s.console.SaveSettings},
		{"POST /admin/settings/open", Staff, staff.RoleManager, ofStore, s.console.OpenStore},
		{"POST /admin/settings/close", Staff, staff.RoleManager, ofStore, s.console.CloseStore},
		{"GET /admin/simulations", Staff, staff.RoleViewer, ofStore, s.console.Simulations},
		{"POST /admin/simulations", Staff, staff.RoleManager, ofStore, s.console.StartSimulation},
		{"GET /admin/simulations/{id}", Staff, staff.RoleViewer, ofStore, s.console.Simulation},
		{"GET /admin/simulations/{id}/csv", Staff, staff.RoleViewer, ofStore, s.console.SimulationCSV},
		{"POST /admin/simulations/{id}/stop", Staff, staff.RoleManager, ofStore, s.console.StopSimulation},
		{"GET /admin/alerts", Staff, staff.RoleViewer, ofStore, s.console.Alerts},
		{"GET /admin/alerts/{id}/retry", Staff, staff.RoleOperator, ofStore, s.console.AskRetry},
		{"GET /admin/alerts/{id}/link", Staff, staff.RoleOperator, ofStore, s.console.AskLink},
		{"POST /admin/alerts/{id}/link", Staff, staff.RoleOperator, ofStore, s.console.SendLink},
		{"POST /admin/alerts/{id}/retry", Staff, staff.RoleOperator, ofStore, s.console.RetryAlert},
		{"POST /admin/alerts/{id}/resolve", Staff, staff.RoleOperator, ofStore, s.console.ResolveAlert},

		{"GET /files/{hash}", File, "", everybody, s.file},
		{"GET /files/{hash}/{width}", File, "", everybody, s.file},

		{"POST /hooks/stripe", Hook, "", signed, s.hooks.Stripe},

		{"GET /healthz", Internal, "", nobodys, s.health},
		{"GET /static/", Internal, "", nobodys, s.static},
		{"POST /_csp", Internal, "", nobodys, s.csp.report},
	}
	if s.Demo == nil {
		return table
	}
	return append(table,
		Route{"GET /_demo/", DemoOnly, "", nobodys, s.demo},
		Route{"POST /_demo/", DemoOnly, "", nobodys, s.demo},
		Route{"GET /_csp/count", DemoOnly, "", nobodys, s.csp.show},
	)
}
