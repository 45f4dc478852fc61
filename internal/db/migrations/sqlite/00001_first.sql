-- +goose Up

-- The installation. One row. The check value proves that the instance secret,
-- which lives outside the database, is the one this database was sealed with.
CREATE TABLE instance (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    secret_check    TEXT NOT NULL,
    confirmed       BOOLEAN NOT NULL,
    demo_offset_us  INTEGER NOT NULL DEFAULT 0,
    created_at      TIMESTAMP NOT NULL
);

CREATE TABLE stores (
    id          INTEGER PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    currency    TEXT NOT NULL,
    zone        TEXT NOT NULL,
    open        BOOLEAN NOT NULL,
    demo        BOOLEAN NOT NULL,
    version     INTEGER NOT NULL,
    created_at  TIMESTAMP NOT NULL
);

CREATE TABLE store_hosts (
    host      TEXT PRIMARY KEY,
    store_id  INTEGER NOT NULL
);

-- One versioned typed document per group.
CREATE TABLE settings (
    store_id    INTEGER NOT NULL,
    grp         TEXT NOT NULL,
    doc         TEXT NOT NULL,
    version     INTEGER NOT NULL,
    updated_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, grp)
);

-- Gateway and mail secrets, sealed with a key made from the instance secret.
CREATE TABLE secrets (
    store_id    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    sealed      BLOB NOT NULL,
    updated_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, name)
);

-- The next number of orders, subscriptions and customers; taken in blocks.
CREATE TABLE numbers (
    store_id  INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    next      INTEGER NOT NULL,
    PRIMARY KEY (store_id, kind)
);

-- Staff are global, with a role per store.
CREATE TABLE staff (
    id             BLOB PRIMARY KEY,
    mail           TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    lang           TEXT NOT NULL,
    password_hash  TEXT NOT NULL,
    version        INTEGER NOT NULL,
    created_at     TIMESTAMP NOT NULL
);

CREATE TABLE staff_roles (
    store_id  INTEGER NOT NULL,
    staff_id  BLOB NOT NULL,
    role      TEXT NOT NULL,
    PRIMARY KEY (store_id, staff_id)
);

-- Sessions of browsers: shop and console apart by audience.
CREATE TABLE web_sessions (
    token_hash  BLOB PRIMARY KEY,
    store_id    INTEGER NOT NULL,
    audience    TEXT NOT NULL,
    data        BLOB NOT NULL,
    expires_at  TIMESTAMP NOT NULL
);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);

CREATE TABLE customers (
    store_id       INTEGER NOT NULL,
    id             BLOB NOT NULL,
    number         TEXT NOT NULL,
    family         TEXT NOT NULL,
    given          TEXT NOT NULL,
    family_kana    TEXT NOT NULL,
    given_kana     TEXT NOT NULL,
    mail           TEXT,
    phone          TEXT NOT NULL,
    lang           TEXT NOT NULL,
    password_hash  TEXT,
    password_version INTEGER NOT NULL,
    gateway_id     TEXT,
    name_search    TEXT NOT NULL,
    kana_search    TEXT NOT NULL,
    phone_search   TEXT NOT NULL,
    newsletter     BOOLEAN NOT NULL,
    imported_at    TIMESTAMP,
    version        INTEGER NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, number)
);
CREATE UNIQUE INDEX customers_mail ON customers (store_id, mail) WHERE mail IS NOT NULL;
CREATE INDEX customers_name ON customers (store_id, name_search, id);
CREATE INDEX customers_kana ON customers (store_id, kana_search, id);
CREATE INDEX customers_phone ON customers (store_id, phone_search, id);
CREATE INDEX customers_no_password ON customers (store_id, id)
    WHERE imported_at IS NOT NULL AND mail IS NOT NULL AND password_hash IS NULL;
CREATE INDEX customers_gateway ON customers (store_id, gateway_id) WHERE gateway_id IS NOT NULL;

CREATE TABLE addresses (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    customer_id  BLOB NOT NULL,
    country      TEXT NOT NULL,
    postcode     TEXT NOT NULL,
    region       TEXT NOT NULL,
    city         TEXT NOT NULL,
    street       TEXT NOT NULL,
    building     TEXT NOT NULL,
    family       TEXT NOT NULL,
    given        TEXT NOT NULL,
    family_kana  TEXT NOT NULL,
    given_kana   TEXT NOT NULL,
    phone        TEXT NOT NULL,
    version      INTEGER NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX addresses_customer ON addresses (store_id, customer_id);
CREATE INDEX addresses_postcode ON addresses (store_id, postcode);
CREATE INDEX addresses_phone ON addresses (store_id, phone);

-- Stored cards: what the gateway lets us know of them, never a number.
CREATE TABLE cards (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    customer_id  BLOB NOT NULL,
    gateway_id   TEXT NOT NULL,
    brand        TEXT NOT NULL,
    last4        TEXT NOT NULL,
    exp_month    INTEGER NOT NULL,
    exp_year     INTEGER NOT NULL,
    fingerprint  TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, gateway_id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX cards_customer ON cards (store_id, customer_id);

CREATE TABLE products (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    code         TEXT NOT NULL,
    slug         TEXT NOT NULL,
    status       TEXT NOT NULL,
    category     TEXT NOT NULL,
    tax_class    TEXT NOT NULL,
    picture      TEXT NOT NULL,
    options      TEXT NOT NULL,
    plan         TEXT,
    volume_tiers TEXT NOT NULL,
    code_search  TEXT NOT NULL,
    position     INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, code),
    UNIQUE (store_id, slug)
);
CREATE INDEX products_shelf ON products (store_id, status, position, id);
CREATE INDEX products_order ON products (store_id, position, id);
CREATE INDEX products_code ON products (store_id, code_search);

CREATE TABLE product_texts (
    store_id     INTEGER NOT NULL,
    product_id   BLOB NOT NULL,
    lang         TEXT NOT NULL,
    name         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    description  TEXT NOT NULL,
    plan         TEXT NOT NULL,
    name_search  TEXT NOT NULL,
    PRIMARY KEY (store_id, product_id, lang),
    FOREIGN KEY (store_id, product_id) REFERENCES products (store_id, id)
);
CREATE INDEX product_texts_name ON product_texts (store_id, name_search);

CREATE TABLE variants (
    store_id      INTEGER NOT NULL,
    id            BLOB NOT NULL,
    product_id    BLOB NOT NULL,
    sku           TEXT NOT NULL,
    option_values TEXT NOT NULL,
    weight_grams  INTEGER NOT NULL,
    picture       TEXT NOT NULL,
    position      INTEGER NOT NULL,
    sku_search    TEXT NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, sku),
    FOREIGN KEY (store_id, product_id) REFERENCES products (store_id, id)
);
CREATE INDEX variants_product ON variants (store_id, product_id, position);
CREATE INDEX variants_sku ON variants (store_id, sku_search);

CREATE TABLE variant_prices (
    store_id      INTEGER NOT NULL,
    variant_id    BLOB NOT NULL,
    currency      TEXT NOT NULL,
    regular       INTEGER NOT NULL CHECK (regular >= 0),
    subscription  INTEGER NOT NULL CHECK (subscription >= 0),
    first         INTEGER NOT NULL CHECK (first >= 0),
    trial         INTEGER NOT NULL CHECK (trial >= 0),
    PRIMARY KEY (store_id, variant_id, currency),
    FOREIGN KEY (store_id, variant_id) REFERENCES variants (store_id, id)
);

-- Pictures that merchants upload, in each width that pages ask for. The hash of
-- the widest names them all, so what stands under a name never changes.
CREATE TABLE files (
    store_id    INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    width       INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    content     BLOB NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, hash, width)
);

-- Nothing is sold below zero, whoever races with whom.
CREATE TABLE stock (
    store_id       INTEGER NOT NULL,
    variant_id     BLOB NOT NULL,
    on_hand        INTEGER NOT NULL,
    reserved       INTEGER NOT NULL,
    expected       INTEGER NOT NULL DEFAULT 0,
    expected_date  DATE,
    PRIMARY KEY (store_id, variant_id),
    CHECK (reserved >= 0 AND on_hand >= reserved),
    FOREIGN KEY (store_id, variant_id) REFERENCES variants (store_id, id)
);

CREATE TABLE stock_ledger (
    store_id    INTEGER NOT NULL,
    id          BLOB NOT NULL,
    variant_id  BLOB NOT NULL,
    at          TIMESTAMP NOT NULL,
    cause       TEXT NOT NULL,
    on_hand     INTEGER NOT NULL,
    reserved    INTEGER NOT NULL,
    order_id    BLOB,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX stock_ledger_variant ON stock_ledger (store_id, variant_id, id);

-- A cart belongs to a browser or to a customer; its lines are not yet promises.
CREATE TABLE carts (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    customer_id  BLOB,
    checkout     TEXT NOT NULL,
    version      INTEGER NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX carts_customer ON carts (store_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE cart_lines (
    store_id    INTEGER NOT NULL,
    id          BLOB NOT NULL,
    cart_id     BLOB NOT NULL,
    variant_id  BLOB NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    cycle       TEXT NOT NULL,
    count       INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, cart_id) REFERENCES carts (store_id, id)
);
CREATE INDEX cart_lines_cart ON cart_lines (store_id, cart_id, position);

-- next_due is the earliest deadline among the planned deliveries: the engine's
-- queue. lease_until and token belong to the process that works on the row.
CREATE TABLE subscriptions (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    number           TEXT NOT NULL,
    customer_id      BLOB NOT NULL,
    state            TEXT NOT NULL,
    currency         TEXT NOT NULL,
    product_id       BLOB NOT NULL,
    cycle            TEXT NOT NULL,
    anchor           DATE,
    count            INTEGER NOT NULL,
    minimum          INTEGER NOT NULL,
    boxes_ordered    INTEGER NOT NULL,
    last_slot        INTEGER NOT NULL,
    address_id       BLOB NOT NULL,
    shipping_method  TEXT NOT NULL,
    time_slot        TEXT NOT NULL,
    pays             TEXT NOT NULL,
    card_id          BLOB,
    first_eligible   BOOLEAN NOT NULL,
    grace_days       INTEGER NOT NULL,
    visible          INTEGER NOT NULL,
    deadline_notice  BOOLEAN NOT NULL,
    agreement        TEXT NOT NULL,
    terms            TEXT NOT NULL,
    next_due         TIMESTAMP,
    lease_until      TIMESTAMP,
    token            BLOB,
    tries            INTEGER NOT NULL DEFAULT 0,
    quarantined      BOOLEAN NOT NULL DEFAULT false,
    version          INTEGER NOT NULL,
    created_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, number),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX subscriptions_due ON subscriptions (next_due, id)
    WHERE next_due IS NOT NULL AND NOT quarantined;
CREATE INDEX subscriptions_customer ON subscriptions (store_id, customer_id, id);
CREATE INDEX subscriptions_list ON subscriptions (store_id, state, id);
CREATE INDEX subscriptions_product ON subscriptions (store_id, product_id, state, id);

CREATE TABLE subscription_items (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    subscription_id  BLOB NOT NULL,
    variant_id       BLOB NOT NULL,
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    agreed           INTEGER NOT NULL,
    first            INTEGER NOT NULL,
    regular          INTEGER NOT NULL,
    position         INTEGER NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, subscription_id) REFERENCES subscriptions (store_id, id)
);
CREATE INDEX subscription_items_of ON subscription_items (store_id, subscription_id, position);
CREATE INDEX subscription_items_variant ON subscription_items (store_id, variant_id);

-- Where a subscription that began elsewhere comes from, as its books told it.
-- failed_card_id was refused before moving in: it is kept, and never charged.
CREATE TABLE subscription_origins (
    store_id         INTEGER NOT NULL,
    subscription_id  BLOB NOT NULL,
    channel          TEXT NOT NULL,
    paused_on        DATE,
    ended_on         DATE,
    failed_card_id   BLOB,
    cutover          DATE NOT NULL,
    imported_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, subscription_id),
    FOREIGN KEY (store_id, subscription_id) REFERENCES subscriptions (store_id, id)
);

CREATE TABLE orders (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    number           TEXT NOT NULL,
    customer_id      BLOB NOT NULL,
    subscription_id  BLOB,
    source           TEXT NOT NULL,
    lang             TEXT NOT NULL,
    currency         TEXT NOT NULL,
    goods            INTEGER NOT NULL,
    shipping         INTEGER NOT NULL,
    fee              INTEGER NOT NULL,
    tax_total        INTEGER NOT NULL,
    total            INTEGER NOT NULL CHECK (total >= 0),
    payment          TEXT NOT NULL,
    fulfilment       TEXT NOT NULL,
    paid_by          TEXT NOT NULL,
    address          TEXT NOT NULL,
    shipping_method  TEXT NOT NULL,
    time_slot        TEXT NOT NULL,
    delivery_date    DATE,
    shipping_date    DATE,
    box              INTEGER NOT NULL,
    breakdown        TEXT NOT NULL,
    version          INTEGER NOT NULL,
    placed_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, number),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX orders_list ON orders (store_id, id);
CREATE INDEX orders_payment ON orders (store_id, payment, id);
CREATE INDEX orders_placed ON orders (store_id, placed_at);
CREATE INDEX orders_customer ON orders (store_id, customer_id, id);
CREATE INDEX orders_subscription ON orders (store_id, subscription_id, id) WHERE subscription_id IS NOT NULL;

CREATE TABLE order_lines (
    store_id      INTEGER NOT NULL,
    id            BLOB NOT NULL,
    order_id      BLOB NOT NULL,
    variant_id    BLOB NOT NULL,
    sku           TEXT NOT NULL,
    name          TEXT NOT NULL,
    option_text   TEXT NOT NULL,
    quantity      INTEGER NOT NULL CHECK (quantity > 0),
    unit          INTEGER NOT NULL,
    regular       INTEGER NOT NULL,
    total         INTEGER NOT NULL,
    basis_points  INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    position      INTEGER NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE INDEX order_lines_order ON order_lines (store_id, order_id, position);

-- Prices that are given once: a product's first price and its trial price. The
-- holder is the customer (customer:…) and, once it is known, the card
-- (card:fingerprint). An order that is given up gives them back. Without an order
-- it was had in the cart that its customer moved in from.
CREATE TABLE price_uses (
    store_id     INTEGER NOT NULL,
    product_id   BLOB NOT NULL,
    kind         TEXT NOT NULL,
    holder       TEXT NOT NULL,
    customer_id  BLOB NOT NULL,
    order_id     BLOB,
    used_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, product_id, kind, holder),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE INDEX price_uses_order ON price_uses (store_id, order_id);
CREATE INDEX price_uses_customer ON price_uses (store_id, customer_id);

-- A store whose terms have changed has its running subscriptions quoted anew, one
-- set after the other; after is the last one done. Another id is another round.
CREATE TABLE requotes (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    after        BLOB,
    next_due     TIMESTAMP,
    lease_until  TIMESTAMP,
    token        BLOB,
    tries        INTEGER NOT NULL DEFAULT 0,
    quarantined  BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (store_id)
);

-- A delivery is in at most one order (order_id is a column, not a table); an
-- order may carry several deliveries.
CREATE TABLE deliveries (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    subscription_id  BLOB NOT NULL,
    slot             INTEGER NOT NULL,
    box              INTEGER NOT NULL,
    date             DATE NOT NULL,
    put_off_from     DATE,
    shipping_date    DATE NOT NULL,
    deadline_date    DATE NOT NULL,
    deadline         TIMESTAMP NOT NULL,
    state            TEXT NOT NULL,
    cause            TEXT NOT NULL,
    order_id         BLOB,
    quoted           INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, subscription_id, slot),
    CHECK ((order_id IS NOT NULL) = (state IN ('ordered', 'shipped', 'delivered') OR (state = 'cancelled' AND box > 0))),
    FOREIGN KEY (store_id, subscription_id) REFERENCES subscriptions (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE UNIQUE INDEX deliveries_box ON deliveries (store_id, subscription_id, box)
    WHERE box > 0 AND state <> 'cancelled';
CREATE INDEX deliveries_order ON deliveries (store_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (store_id, date, subscription_id) WHERE state IN ('planned', 'blocked');
CREATE INDEX deliveries_blocked ON deliveries (store_id, subscription_id) WHERE state = 'blocked';

-- Totals that pages show: how many there are and what they cost together, counted as
-- they change and never over all rows. kind says of what: subscriptions; open boxes,
-- which are still to be ordered, with the subscription they belong to; made ones, which
-- are orders. A column that means nothing to a kind has one value throughout: empty,
-- 1970 or the zero id. Triggers below this schema's tables feed them, so that no write
-- can be forgotten.
CREATE TABLE totals (
    store_id     INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    date         DATE NOT NULL,
    deadline     TIMESTAMP NOT NULL,
    product_id   BLOB NOT NULL,
    pays         TEXT NOT NULL,
    state        TEXT NOT NULL,
    quarantined  BOOLEAN NOT NULL,
    box          TEXT NOT NULL,
    n            INTEGER NOT NULL,
    total        INTEGER NOT NULL,
    PRIMARY KEY (store_id, kind, date, deadline, product_id, pays, state, quarantined, box)
) WITHOUT ROWID;
CREATE INDEX totals_deadline ON totals (store_id, deadline);

-- What is to be added to them. Nobody who renews or shops waits for a row of totals: each
-- appends here, and the engine folds (db.FoldTotals). SQLite adds at once, since its one
-- writer makes everybody wait anyway.
CREATE TABLE total_deltas (
    id           INTEGER PRIMARY KEY,
    store_id     INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    date         DATE NOT NULL,
    deadline     TIMESTAMP NOT NULL,
    product_id   BLOB NOT NULL,
    pays         TEXT NOT NULL,
    state        TEXT NOT NULL,
    quarantined  BOOLEAN NOT NULL,
    box          TEXT NOT NULL,
    n            INTEGER NOT NULL,
    total        INTEGER NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT NEW.store_id, 'open', NEW.date, NEW.deadline, s.product_id, s.pays, s.state, s.quarantined, NEW.state, 1, NEW.quoted
        FROM subscriptions AS s
        WHERE NEW.state IN ('planned', 'blocked') AND s.store_id = NEW.store_id AND s.id = NEW.subscription_id
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT NEW.store_id, 'made', NEW.date, '1970-01-01 00:00:00.000000+00:00', X'00000000000000000000000000000000', '', '', 0, NEW.state, 1, NEW.quoted
        WHERE NEW.state IN ('ordered', 'shipped', 'delivered')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER deliveries_updated AFTER UPDATE OF store_id, subscription_id, date, deadline, state, quoted ON deliveries
    WHEN (OLD.store_id, OLD.subscription_id, OLD.date, OLD.deadline, OLD.state, OLD.quoted) IS NOT
        (NEW.store_id, NEW.subscription_id, NEW.date, NEW.deadline, NEW.state, NEW.quoted) BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT OLD.store_id, 'open', OLD.date, OLD.deadline, s.product_id, s.pays, s.state, s.quarantined, OLD.state, -1, -OLD.quoted
        FROM subscriptions AS s
        WHERE OLD.state IN ('planned', 'blocked') AND s.store_id = OLD.store_id AND s.id = OLD.subscription_id
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT OLD.store_id, 'made', OLD.date, '1970-01-01 00:00:00.000000+00:00', X'00000000000000000000000000000000', '', '', 0, OLD.state, -1, -OLD.quoted
        WHERE OLD.state IN ('ordered', 'shipped', 'delivered')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT NEW.store_id, 'open', NEW.date, NEW.deadline, s.product_id, s.pays, s.state, s.quarantined, NEW.state, 1, NEW.quoted
        FROM subscriptions AS s
        WHERE NEW.state IN ('planned', 'blocked') AND s.store_id = NEW.store_id AND s.id = NEW.subscription_id
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT NEW.store_id, 'made', NEW.date, '1970-01-01 00:00:00.000000+00:00', X'00000000000000000000000000000000', '', '', 0, NEW.state, 1, NEW.quoted
        WHERE NEW.state IN ('ordered', 'shipped', 'delivered')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT OLD.store_id, 'open', OLD.date, OLD.deadline, s.product_id, s.pays, s.state, s.quarantined, OLD.state, -1, -OLD.quoted
        FROM subscriptions AS s
        WHERE OLD.state IN ('planned', 'blocked') AND s.store_id = OLD.store_id AND s.id = OLD.subscription_id
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT OLD.store_id, 'made', OLD.date, '1970-01-01 00:00:00.000000+00:00', X'00000000000000000000000000000000', '', '', 0, OLD.state, -1, -OLD.quoted
        WHERE OLD.state IN ('ordered', 'shipped', 'delivered')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER subscriptions_inserted AFTER INSERT ON subscriptions BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (NEW.store_id, 'subscriptions', '1970-01-01', '1970-01-01 00:00:00.000000+00:00', NEW.product_id, '', NEW.state, 0, '', 1, 0)
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER subscriptions_updated AFTER UPDATE OF product_id, pays, state, quarantined ON subscriptions
    WHEN (OLD.product_id, OLD.pays, OLD.state, OLD.quarantined) IS NOT (NEW.product_id, NEW.pays, NEW.state, NEW.quarantined) BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (OLD.store_id, 'subscriptions', '1970-01-01', '1970-01-01 00:00:00.000000+00:00', OLD.product_id, '', OLD.state, 0, '', -1, 0)
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (NEW.store_id, 'subscriptions', '1970-01-01', '1970-01-01 00:00:00.000000+00:00', NEW.product_id, '', NEW.state, 0, '', 1, 0)
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT d.store_id, 'open', d.date, d.deadline, OLD.product_id, OLD.pays, OLD.state, OLD.quarantined, d.state, -1, -d.quoted
        FROM deliveries AS d
        WHERE d.store_id = NEW.store_id AND d.subscription_id = NEW.id AND d.state IN ('planned', 'blocked')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT d.store_id, 'open', d.date, d.deadline, NEW.product_id, NEW.pays, NEW.state, NEW.quarantined, d.state, 1, d.quoted
        FROM deliveries AS d
        WHERE d.store_id = NEW.store_id AND d.subscription_id = NEW.id AND d.state IN ('planned', 'blocked')
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER subscriptions_deleted AFTER DELETE ON subscriptions BEGIN
    INSERT INTO totals (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (OLD.store_id, 'subscriptions', '1970-01-01', '1970-01-01 00:00:00.000000+00:00', OLD.product_id, '', OLD.state, 0, '', -1, 0)
        ON CONFLICT (store_id, kind, date, deadline, product_id, pays, state, quarantined, box) DO UPDATE SET n = n + excluded.n, total = total + excluded.total;
END;
-- +goose StatementEnd

-- next_due is when the engine looks at the payment again.
CREATE TABLE payments (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    order_id         BLOB NOT NULL,
    customer_id      BLOB NOT NULL,
    subscription_id  BLOB,
    delivery_id      BLOB,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL,
    amount           INTEGER NOT NULL CHECK (amount >= 0),
    currency         TEXT NOT NULL,
    card_id          BLOB,
    intent_id        TEXT,
    intent_no        INTEGER NOT NULL,
    failures         INTEGER NOT NULL,
    first_failed_at  TIMESTAMP,
    decline          TEXT NOT NULL,
    next_due         TIMESTAMP,
    lease_until      TIMESTAMP,
    token            BLOB,
    tries            INTEGER NOT NULL DEFAULT 0,
    quarantined      BOOLEAN NOT NULL DEFAULT false,
    version          INTEGER NOT NULL,
    created_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE UNIQUE INDEX payments_main ON payments (store_id, order_id) WHERE kind = 'main' AND state <> 'void';
CREATE UNIQUE INDEX payments_intent ON payments (store_id, intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX payments_due ON payments (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;
CREATE INDEX payments_subscription ON payments (store_id, subscription_id, id) WHERE subscription_id IS NOT NULL;

-- One call to the gateway each, written before the call is made.
CREATE TABLE attempts (
    store_id    INTEGER NOT NULL,
    id          BLOB NOT NULL,
    payment_id  BLOB NOT NULL,
    no          INTEGER NOT NULL,
    step        TEXT NOT NULL,
    key         TEXT NOT NULL,
    params      TEXT NOT NULL,
    state       TEXT NOT NULL,
    intent_id   TEXT,
    code        TEXT NOT NULL,
    decline     TEXT NOT NULL,
    advice      TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    started_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, payment_id, no),
    UNIQUE (store_id, key),
    FOREIGN KEY (store_id, payment_id) REFERENCES payments (store_id, id)
);
CREATE UNIQUE INDEX attempts_open ON attempts (store_id, payment_id) WHERE state IN ('open', 'unknown');

-- Hosted pages. One open session per order: a new one first expires the old.
CREATE TABLE hosted_sessions (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    order_id     BLOB NOT NULL,
    payment_id   BLOB NOT NULL,
    mode         TEXT NOT NULL,
    state        TEXT NOT NULL,
    gateway_id   TEXT,
    url          TEXT NOT NULL,
    key          TEXT NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    next_due     TIMESTAMP,
    lease_until  TIMESTAMP,
    token        BLOB,
    tries        INTEGER NOT NULL DEFAULT 0,
    quarantined  BOOLEAN NOT NULL DEFAULT false,
    version      INTEGER NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id),
    FOREIGN KEY (store_id, payment_id) REFERENCES payments (store_id, id)
);
CREATE UNIQUE INDEX hosted_sessions_open ON hosted_sessions (store_id, order_id) WHERE state = 'open';
CREATE UNIQUE INDEX hosted_sessions_gateway ON hosted_sessions (store_id, gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX hosted_sessions_due ON hosted_sessions (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- Mails: event, facts and language; rendered when sent.
CREATE TABLE outbox (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    event        TEXT NOT NULL,
    dedupe       TEXT NOT NULL,
    customer_id  BLOB,
    order_id     BLOB,
    subscription_id BLOB,
    recipient    TEXT NOT NULL,
    lang         TEXT NOT NULL,
    facts        TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    subject      TEXT NOT NULL,
    state        TEXT NOT NULL,
    next_due     TIMESTAMP,
    lease_until  TIMESTAMP,
    token        BLOB,
    tries        INTEGER NOT NULL DEFAULT 0,
    quarantined  BOOLEAN NOT NULL DEFAULT false,
    last_error   TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    sent_at      TIMESTAMP,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, dedupe)
);
CREATE INDEX outbox_due ON outbox (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;
CREATE INDEX outbox_subscription ON outbox (store_id, subscription_id, id) WHERE subscription_id IS NOT NULL;
CREATE INDEX outbox_order ON outbox (store_id, order_id, id) WHERE order_id IS NOT NULL;

CREATE TABLE alerts (
    store_id         INTEGER NOT NULL,
    id               BLOB NOT NULL,
    kind             TEXT NOT NULL,
    severity         TEXT NOT NULL,
    noun             TEXT NOT NULL,
    subject_id       BLOB NOT NULL,
    subscription_id  BLOB,
    order_id         BLOB,
    args             TEXT NOT NULL,
    at               TIMESTAMP NOT NULL,
    resolved_at      TIMESTAMP,
    version          INTEGER NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (store_id, subject_id, kind) WHERE resolved_at IS NULL;
CREATE INDEX alerts_list ON alerts (store_id, id) WHERE resolved_at IS NULL;
CREATE INDEX alerts_order ON alerts (store_id, order_id) WHERE resolved_at IS NULL AND order_id IS NOT NULL;
CREATE INDEX alerts_subscription ON alerts (store_id, subscription_id) WHERE resolved_at IS NULL AND subscription_id IS NOT NULL;

CREATE TABLE audit (
    store_id    INTEGER NOT NULL,
    id          BLOB NOT NULL,
    at          TIMESTAMP NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    BLOB,
    request_id  TEXT NOT NULL,
    verb        TEXT NOT NULL,
    noun        TEXT NOT NULL,
    noun_id     BLOB NOT NULL,
    changes     TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX audit_noun ON audit (store_id, noun_id, id);
-- Those who came and went: the home page counts them.
CREATE INDEX audit_moves ON audit (store_id, verb, at)
    WHERE verb IN ('subscription.applied', 'subscription.given_up', 'subscription.cancelled');

-- Answers to requests that may be sent twice: the second gets the first's answer.
CREATE TABLE requests (
    store_id  INTEGER NOT NULL,
    key       TEXT NOT NULL,
    answer    TEXT NOT NULL,
    at        TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, key)
);

CREATE TABLE webhook_events (
    store_id     INTEGER NOT NULL,
    event_id     TEXT NOT NULL,
    type         TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    received_at  TIMESTAMP NOT NULL,
    state        TEXT NOT NULL,
    next_due     TIMESTAMP,
    lease_until  TIMESTAMP,
    token        BLOB,
    tries        INTEGER NOT NULL DEFAULT 0,
    quarantined  BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (store_id, event_id)
);
CREATE INDEX webhook_events_due ON webhook_events (next_due, event_id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- The request budget of a gateway account, shared by all nodes: tokens left at
-- an instant of the wall clock.
CREATE TABLE gateway_budget (
    account   TEXT NOT NULL,
    endpoint  TEXT NOT NULL,
    tokens    INTEGER NOT NULL,
    at_us     INTEGER NOT NULL,
    PRIMARY KEY (account, endpoint)
);

-- Failed logins by address and by account, for slowing down.
CREATE TABLE login_failures (
    store_id  INTEGER NOT NULL,
    subject   TEXT NOT NULL,
    count     INTEGER NOT NULL,
    last_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (store_id, subject)
);

CREATE TABLE login_codes (
    store_id     INTEGER NOT NULL,
    customer_id  BLOB NOT NULL,
    code_hash    BLOB NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    tries        INTEGER NOT NULL,
    PRIMARY KEY (store_id, customer_id)
);

-- Links that staff mail for setting a password: the newest of each customer. One
-- is good once, until it expires, and while the customer has the mail it went to.
CREATE TABLE password_links (
    store_id     INTEGER NOT NULL,
    customer_id  BLOB NOT NULL,
    mail         TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    used_at      TIMESTAMP,
    PRIMARY KEY (store_id, customer_id),
    UNIQUE (store_id, token_hash)
);

CREATE TABLE conversations (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    customer_id  BLOB,
    name         TEXT NOT NULL,
    mail         TEXT NOT NULL,
    body         TEXT NOT NULL,
    channel      TEXT NOT NULL,
    at           TIMESTAMP NOT NULL,
    handled_at   TIMESTAMP,
    handled_by   BLOB,
    note         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX conversations_open ON conversations (store_id, id) WHERE handled_at IS NULL;
CREATE INDEX conversations_customer ON conversations (store_id, customer_id, id) WHERE customer_id IS NOT NULL;

-- Simulations that staff have asked for: one of a store at a time. next_due is
-- set until it has ended; result is JSON.
CREATE TABLE simulations (
    store_id     INTEGER NOT NULL,
    id           BLOB NOT NULL,
    state        TEXT NOT NULL,
    first_day    DATE NOT NULL,
    last_day     DATE NOT NULL,
    cards        TEXT NOT NULL,
    staff_id     BLOB NOT NULL,
    reached      DATE,
    result       TEXT,
    next_due     TIMESTAMP,
    lease_until  TIMESTAMP,
    token        BLOB,
    tries        INTEGER NOT NULL DEFAULT 0,
    quarantined  BOOLEAN NOT NULL DEFAULT false,
    created_at   TIMESTAMP NOT NULL,
    ended_at     TIMESTAMP,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX simulations_running ON simulations (store_id) WHERE ended_at IS NULL;
CREATE INDEX simulations_due ON simulations (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- +goose Down
SELECT 'teiki goes forward only';
