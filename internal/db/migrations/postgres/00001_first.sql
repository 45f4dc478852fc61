-- +goose Up

-- The installation. One row. The check value proves that the instance secret,
-- which lives outside the database, is the one this database was sealed with.
CREATE TABLE instance (
    id              integer PRIMARY KEY CHECK (id = 1),
    secret_check    text COLLATE "C" NOT NULL,
    confirmed       boolean NOT NULL,
    demo_offset_us  bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL
);

CREATE TABLE stores (
    id          integer PRIMARY KEY,
    slug        text COLLATE "C" NOT NULL UNIQUE,
    currency    text COLLATE "C" NOT NULL,
    zone        text COLLATE "C" NOT NULL,
    open        boolean NOT NULL,
    demo        boolean NOT NULL,
    version     bigint NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE store_hosts (
    host      text COLLATE "C" PRIMARY KEY,
    store_id  integer NOT NULL
);

-- One versioned typed document per group.
CREATE TABLE settings (
    store_id    integer NOT NULL,
    grp         text COLLATE "C" NOT NULL,
    doc         text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (store_id, grp)
);

-- Gateway and mail secrets, sealed with a key made from the instance secret.
CREATE TABLE secrets (
    store_id    integer NOT NULL,
    name        text COLLATE "C" NOT NULL,
    sealed      bytea NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (store_id, name)
);

-- The next number of orders, subscriptions and customers; taken in blocks.
CREATE TABLE numbers (
    store_id  integer NOT NULL,
    kind      text COLLATE "C" NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (store_id, kind)
);

-- Staff are global, with a role per store.
CREATE TABLE staff (
    id             uuid PRIMARY KEY,
    mail           text COLLATE "C" NOT NULL UNIQUE,
    name           text COLLATE "C" NOT NULL,
    lang           text COLLATE "C" NOT NULL,
    password_hash  text COLLATE "C" NOT NULL,
    version        bigint NOT NULL,
    created_at     timestamptz NOT NULL
);

CREATE TABLE staff_roles (
    store_id  integer NOT NULL,
    staff_id  uuid NOT NULL,
    role      text COLLATE "C" NOT NULL,
    PRIMARY KEY (store_id, staff_id)
);

-- Sessions of browsers: shop and console apart by audience.
CREATE TABLE web_sessions (
    token_hash  bytea PRIMARY KEY,
    store_id    integer NOT NULL,
    audience    text COLLATE "C" NOT NULL,
    data        bytea NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);

CREATE TABLE customers (
    store_id       integer NOT NULL,
    id             uuid NOT NULL,
    number         text COLLATE "C" NOT NULL,
    family         text COLLATE "C" NOT NULL,
    given          text COLLATE "C" NOT NULL,
    family_kana    text COLLATE "C" NOT NULL,
    given_kana     text COLLATE "C" NOT NULL,
    mail           text COLLATE "C",
    phone          text COLLATE "C" NOT NULL,
    lang           text COLLATE "C" NOT NULL,
    password_hash  text COLLATE "C",
    password_version bigint NOT NULL,
    gateway_id     text COLLATE "C",
    name_search    text COLLATE "C" NOT NULL,
    kana_search    text COLLATE "C" NOT NULL,
    phone_search   text COLLATE "C" NOT NULL,
    newsletter     boolean NOT NULL,
    imported_at    timestamptz,
    version        bigint NOT NULL,
    created_at     timestamptz NOT NULL,
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
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    customer_id  uuid NOT NULL,
    country      text COLLATE "C" NOT NULL,
    postcode     text COLLATE "C" NOT NULL,
    region       text COLLATE "C" NOT NULL,
    city         text COLLATE "C" NOT NULL,
    street       text COLLATE "C" NOT NULL,
    building     text COLLATE "C" NOT NULL,
    family       text COLLATE "C" NOT NULL,
    given        text COLLATE "C" NOT NULL,
    family_kana  text COLLATE "C" NOT NULL,
    given_kana   text COLLATE "C" NOT NULL,
    phone        text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX addresses_customer ON addresses (store_id, customer_id);
CREATE INDEX addresses_postcode ON addresses (store_id, postcode);
CREATE INDEX addresses_phone ON addresses (store_id, phone);

-- Stored cards: what the gateway lets us know of them, never a number.
CREATE TABLE cards (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    customer_id  uuid NOT NULL,
    gateway_id   text COLLATE "C" NOT NULL,
    brand        text COLLATE "C" NOT NULL,
    last4        text COLLATE "C" NOT NULL,
    exp_month    integer NOT NULL,
    exp_year     integer NOT NULL,
    fingerprint  text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, gateway_id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customers (store_id, id)
);
CREATE INDEX cards_customer ON cards (store_id, customer_id);

CREATE TABLE products (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    code         text COLLATE "C" NOT NULL,
    slug         text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL,
    category     text COLLATE "C" NOT NULL,
    tax_class    text COLLATE "C" NOT NULL,
    picture      text COLLATE "C" NOT NULL,
    options      text COLLATE "C" NOT NULL,
    plan         text COLLATE "C",
    volume_tiers text COLLATE "C" NOT NULL,
    code_search  text COLLATE "C" NOT NULL,
    position     integer NOT NULL,
    version      bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, code),
    UNIQUE (store_id, slug)
);
CREATE INDEX products_shelf ON products (store_id, status, position, id);
CREATE INDEX products_order ON products (store_id, position, id);
CREATE INDEX products_code ON products (store_id, code_search);

CREATE TABLE product_texts (
    store_id     integer NOT NULL,
    product_id   uuid NOT NULL,
    lang         text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    summary      text COLLATE "C" NOT NULL,
    description  text COLLATE "C" NOT NULL,
    plan         text COLLATE "C" NOT NULL,
    name_search  text COLLATE "C" NOT NULL,
    PRIMARY KEY (store_id, product_id, lang),
    FOREIGN KEY (store_id, product_id) REFERENCES products (store_id, id)
);
CREATE INDEX product_texts_name ON product_texts (store_id, name_search);

CREATE TABLE variants (
    store_id      integer NOT NULL,
    id            uuid NOT NULL,
    product_id    uuid NOT NULL,
    sku           text COLLATE "C" NOT NULL,
    option_values text COLLATE "C" NOT NULL,
    weight_grams  integer NOT NULL,
    picture       text COLLATE "C" NOT NULL,
    position      integer NOT NULL,
    sku_search    text COLLATE "C" NOT NULL,
    version       bigint NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, sku),
    FOREIGN KEY (store_id, product_id) REFERENCES products (store_id, id)
);
CREATE INDEX variants_product ON variants (store_id, product_id, position);
CREATE INDEX variants_sku ON variants (store_id, sku_search);

CREATE TABLE variant_prices (
    store_id      integer NOT NULL,
    variant_id    uuid NOT NULL,
    currency      text COLLATE "C" NOT NULL,
    regular       bigint NOT NULL CHECK (regular >= 0),
    subscription  bigint NOT NULL CHECK (subscription >= 0),
    first         bigint NOT NULL CHECK (first >= 0),
    trial         bigint NOT NULL CHECK (trial >= 0),
    PRIMARY KEY (store_id, variant_id, currency),
    FOREIGN KEY (store_id, variant_id) REFERENCES variants (store_id, id)
);

-- Pictures that merchants upload, in each width that pages ask for. The hash of
-- the widest names them all, so what stands under a name never changes.
CREATE TABLE files (
    store_id    integer NOT NULL,
    hash        text COLLATE "C" NOT NULL,
    width       integer NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    content     bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (store_id, hash, width)
);

-- Nothing is sold below zero, whoever races with whom.
CREATE TABLE stock (
    store_id       integer NOT NULL,
    variant_id     uuid NOT NULL,
    on_hand        bigint NOT NULL,
    reserved       bigint NOT NULL,
    expected       bigint NOT NULL DEFAULT 0,
    expected_date  date,
    PRIMARY KEY (store_id, variant_id),
    CHECK (reserved >= 0 AND on_hand >= reserved),
    FOREIGN KEY (store_id, variant_id) REFERENCES variants (store_id, id)
);

CREATE TABLE stock_ledger (
    store_id    integer NOT NULL,
    id          uuid NOT NULL,
    variant_id  uuid NOT NULL,
    at          timestamptz NOT NULL,
    cause       text COLLATE "C" NOT NULL,
    on_hand     bigint NOT NULL,
    reserved    bigint NOT NULL,
    order_id    uuid,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX stock_ledger_variant ON stock_ledger (store_id, variant_id, id);

-- A cart belongs to a browser or to a customer; its lines are not yet promises.
CREATE TABLE carts (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    customer_id  uuid,
    checkout     text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX carts_customer ON carts (store_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE cart_lines (
    store_id    integer NOT NULL,
    id          uuid NOT NULL,
    cart_id     uuid NOT NULL,
    variant_id  uuid NOT NULL,
    quantity    bigint NOT NULL CHECK (quantity > 0),
    cycle       text COLLATE "C" NOT NULL,
    count       integer NOT NULL,
    position    integer NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, cart_id) REFERENCES carts (store_id, id)
);
CREATE INDEX cart_lines_cart ON cart_lines (store_id, cart_id, position);

-- next_due is the earliest deadline among the planned deliveries: the engine's
-- queue. lease_until and token belong to the process that works on the row.
CREATE TABLE subscriptions (
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    number           text COLLATE "C" NOT NULL,
    customer_id      uuid NOT NULL,
    state            text COLLATE "C" NOT NULL,
    currency         text COLLATE "C" NOT NULL,
    product_id       uuid NOT NULL,
    cycle            text COLLATE "C" NOT NULL,
    anchor           date,
    count            integer NOT NULL,
    minimum          integer NOT NULL,
    boxes_ordered    integer NOT NULL,
    last_slot        integer NOT NULL,
    address_id       uuid NOT NULL,
    shipping_method  text COLLATE "C" NOT NULL,
    time_slot        text COLLATE "C" NOT NULL,
    pays             text COLLATE "C" NOT NULL,
    card_id          uuid,
    first_eligible   boolean NOT NULL,
    grace_days       integer NOT NULL,
    visible          integer NOT NULL,
    deadline_notice  boolean NOT NULL,
    agreement        text COLLATE "C" NOT NULL,
    terms            text COLLATE "C" NOT NULL,
    next_due         timestamptz,
    lease_until      timestamptz,
    token            uuid,
    tries            integer NOT NULL DEFAULT 0,
    quarantined      boolean NOT NULL DEFAULT false,
    version          bigint NOT NULL,
    created_at       timestamptz NOT NULL,
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
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    subscription_id  uuid NOT NULL,
    variant_id       uuid NOT NULL,
    quantity         bigint NOT NULL CHECK (quantity > 0),
    agreed           bigint NOT NULL,
    first            bigint NOT NULL,
    regular          bigint NOT NULL,
    position         integer NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, subscription_id) REFERENCES subscriptions (store_id, id)
);
CREATE INDEX subscription_items_of ON subscription_items (store_id, subscription_id, position);
CREATE INDEX subscription_items_variant ON subscription_items (store_id, variant_id);

-- Where a subscription that began elsewhere comes from, as its books told it.
-- failed_card_id was refused before moving in: it is kept, and never charged.
CREATE TABLE subscription_origins (
    store_id         integer NOT NULL,
    subscription_id  uuid NOT NULL,
    channel          text COLLATE "C" NOT NULL,
    paused_on        date,
    ended_on         date,
    failed_card_id   uuid,
    cutover          date NOT NULL,
    imported_at      timestamptz NOT NULL,
    PRIMARY KEY (store_id, subscription_id),
    FOREIGN KEY (store_id, subscription_id) REFERENCES subscriptions (store_id, id)
);

CREATE TABLE orders (
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    number           text COLLATE "C" NOT NULL,
    customer_id      uuid NOT NULL,
    subscription_id  uuid,
    source           text COLLATE "C" NOT NULL,
    lang             text COLLATE "C" NOT NULL,
    currency         text COLLATE "C" NOT NULL,
    goods            bigint NOT NULL,
    shipping         bigint NOT NULL,
    fee              bigint NOT NULL,
    tax_total        bigint NOT NULL,
    total            bigint NOT NULL CHECK (total >= 0),
    payment          text COLLATE "C" NOT NULL,
    fulfilment       text COLLATE "C" NOT NULL,
    paid_by          text COLLATE "C" NOT NULL,
    address          text COLLATE "C" NOT NULL,
    shipping_method  text COLLATE "C" NOT NULL,
    time_slot        text COLLATE "C" NOT NULL,
    delivery_date    date,
    shipping_date    date,
    box              integer NOT NULL,
    breakdown        text COLLATE "C" NOT NULL,
    version          bigint NOT NULL,
    placed_at        timestamptz NOT NULL,
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
    store_id      integer NOT NULL,
    id            uuid NOT NULL,
    order_id      uuid NOT NULL,
    variant_id    uuid NOT NULL,
    sku           text COLLATE "C" NOT NULL,
    name          text COLLATE "C" NOT NULL,
    option_text   text COLLATE "C" NOT NULL,
    quantity      bigint NOT NULL CHECK (quantity > 0),
    unit          bigint NOT NULL,
    regular       bigint NOT NULL,
    total         bigint NOT NULL,
    basis_points  bigint NOT NULL,
    reason        text COLLATE "C" NOT NULL,
    position      integer NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE INDEX order_lines_order ON order_lines (store_id, order_id, position);

-- Prices that are given once: a product's first price and its trial price. The
-- holder is the customer (customer:…) and, once it is known, the card
-- (card:fingerprint). An order that is given up gives them back. Without an order
-- it was had in the cart that its customer moved in from.
CREATE TABLE price_uses (
    store_id     integer NOT NULL,
    product_id   uuid NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    holder       text COLLATE "C" NOT NULL,
    customer_id  uuid NOT NULL,
    order_id     uuid,
    used_at      timestamptz NOT NULL,
    PRIMARY KEY (store_id, product_id, kind, holder),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE INDEX price_uses_order ON price_uses (store_id, order_id);
CREATE INDEX price_uses_customer ON price_uses (store_id, customer_id);

-- A store whose terms have changed has its running subscriptions quoted anew, one
-- set after the other; after is the last one done. Another id is another round.
CREATE TABLE requotes (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    after        uuid,
    next_due     timestamptz,
    lease_until  timestamptz,
    token        uuid,
    tries        integer NOT NULL DEFAULT 0,
    quarantined  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (store_id)
);

-- A delivery is in at most one order (order_id is a column, not a table); an
-- order may carry several deliveries.
CREATE TABLE deliveries (
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    subscription_id  uuid NOT NULL,
    slot             integer NOT NULL,
    box              integer NOT NULL,
    date             date NOT NULL,
    put_off_from     date,
    shipping_date    date NOT NULL,
    deadline_date    date NOT NULL,
    deadline         timestamptz NOT NULL,
    state            text COLLATE "C" NOT NULL,
    cause            text COLLATE "C" NOT NULL,
    order_id         uuid,
    quoted           bigint NOT NULL,
    version          bigint NOT NULL,
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
    store_id     integer NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    date         date NOT NULL,
    deadline     timestamptz NOT NULL,
    product_id   uuid NOT NULL,
    pays         text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL,
    quarantined  boolean NOT NULL,
    box          text COLLATE "C" NOT NULL,
    n            bigint NOT NULL,
    total        bigint NOT NULL,
    PRIMARY KEY (store_id, kind, date, deadline, product_id, pays, state, quarantined, box)
);
CREATE INDEX totals_deadline ON totals (store_id, deadline);

-- What is to be added to them. Nobody who renews or shops waits for a row of totals: each
-- appends here, and the engine folds (db.FoldTotals). SQLite adds at once, since its one
-- writer makes everybody wait anyway.
CREATE TABLE total_deltas (
    id           bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    store_id     integer NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    date         date NOT NULL,
    deadline     timestamptz NOT NULL,
    product_id   uuid NOT NULL,
    pays         text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL,
    quarantined  boolean NOT NULL,
    box          text COLLATE "C" NOT NULL,
    n            bigint NOT NULL,
    total        bigint NOT NULL
);

-- OFFSET 0 keeps the lookup one by key: a plan is made while tables are empty and stays.
-- Open boxes are written only by who holds their subscription's row, so that neither
-- changes while the other is counted.
-- +goose StatementBegin
CREATE FUNCTION count_boxes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO total_deltas (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT b.store_id, 'open', b.date, b.deadline, s.product_id, s.pays, s.state, s.quarantined, b.state, -count(*), -sum(b.quoted)
        FROM old_rows AS b CROSS JOIN LATERAL (SELECT i.product_id, i.pays, i.state, i.quarantined FROM subscriptions AS i
            WHERE i.store_id = b.store_id AND i.id = b.subscription_id OFFSET 0) AS s
        WHERE b.state IN ('planned', 'blocked')
        GROUP BY b.store_id, b.date, b.deadline, s.product_id, s.pays, s.state, s.quarantined, b.state
        UNION ALL
        SELECT b.store_id, 'made', b.date, 'epoch', '00000000-0000-0000-0000-000000000000', '', '', false, b.state, -count(*), -sum(b.quoted)
        FROM old_rows AS b WHERE b.state IN ('ordered', 'shipped', 'delivered') GROUP BY b.store_id, b.date, b.state;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO total_deltas (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT b.store_id, 'open', b.date, b.deadline, s.product_id, s.pays, s.state, s.quarantined, b.state, count(*), sum(b.quoted)
        FROM new_rows AS b CROSS JOIN LATERAL (SELECT i.product_id, i.pays, i.state, i.quarantined FROM subscriptions AS i
            WHERE i.store_id = b.store_id AND i.id = b.subscription_id OFFSET 0) AS s
        WHERE b.state IN ('planned', 'blocked')
        GROUP BY b.store_id, b.date, b.deadline, s.product_id, s.pays, s.state, s.quarantined, b.state
        UNION ALL
        SELECT b.store_id, 'made', b.date, 'epoch', '00000000-0000-0000-0000-000000000000', '', '', false, b.state, count(*), sum(b.quoted)
        FROM new_rows AS b WHERE b.state IN ('ordered', 'shipped', 'delivered') GROUP BY b.store_id, b.date, b.state;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_boxes();
CREATE TRIGGER deliveries_updated AFTER UPDATE ON deliveries
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_boxes();
CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_boxes();

-- +goose StatementBegin
CREATE FUNCTION count_subscriptions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO total_deltas (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (OLD.store_id, 'subscriptions', 'epoch', 'epoch', OLD.product_id, '', OLD.state, false, '', -1, 0);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO total_deltas (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        VALUES (NEW.store_id, 'subscriptions', 'epoch', 'epoch', NEW.product_id, '', NEW.state, false, '', 1, 0);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO total_deltas (store_id, kind, date, deadline, product_id, pays, state, quarantined, box, n, total)
        SELECT d.store_id, 'open', d.date, d.deadline, s.product_id, s.pays, s.state, s.quarantined, d.state, s.n, s.n * d.quoted
        FROM deliveries AS d CROSS JOIN (VALUES (OLD.product_id, OLD.pays, OLD.state, OLD.quarantined, -1),
            (NEW.product_id, NEW.pays, NEW.state, NEW.quarantined, 1)) AS s (product_id, pays, state, quarantined, n)
        WHERE d.store_id = NEW.store_id AND d.subscription_id = NEW.id AND d.state IN ('planned', 'blocked');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER subscriptions_inserted AFTER INSERT ON subscriptions
    FOR EACH ROW EXECUTE FUNCTION count_subscriptions();
CREATE TRIGGER subscriptions_updated AFTER UPDATE OF product_id, pays, state, quarantined ON subscriptions
    FOR EACH ROW WHEN ((OLD.product_id, OLD.pays, OLD.state, OLD.quarantined) IS DISTINCT FROM
        (NEW.product_id, NEW.pays, NEW.state, NEW.quarantined)) EXECUTE FUNCTION count_subscriptions();
CREATE TRIGGER subscriptions_deleted AFTER DELETE ON subscriptions
    FOR EACH ROW EXECUTE FUNCTION count_subscriptions();

-- next_due is when the engine looks at the payment again.
CREATE TABLE payments (
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    order_id         uuid NOT NULL,
    customer_id      uuid NOT NULL,
    subscription_id  uuid,
    delivery_id      uuid,
    kind             text COLLATE "C" NOT NULL,
    state            text COLLATE "C" NOT NULL,
    amount           bigint NOT NULL CHECK (amount >= 0),
    currency         text COLLATE "C" NOT NULL,
    card_id          uuid,
    intent_id        text COLLATE "C",
    intent_no        integer NOT NULL,
    failures         integer NOT NULL,
    first_failed_at  timestamptz,
    decline          text COLLATE "C" NOT NULL,
    next_due         timestamptz,
    lease_until      timestamptz,
    token            uuid,
    tries            integer NOT NULL DEFAULT 0,
    quarantined      boolean NOT NULL DEFAULT false,
    version          bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id)
);
CREATE UNIQUE INDEX payments_main ON payments (store_id, order_id) WHERE kind = 'main' AND state <> 'void';
CREATE UNIQUE INDEX payments_intent ON payments (store_id, intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX payments_due ON payments (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;
CREATE INDEX payments_subscription ON payments (store_id, subscription_id, id) WHERE subscription_id IS NOT NULL;

-- One call to the gateway each, written before the call is made.
CREATE TABLE attempts (
    store_id    integer NOT NULL,
    id          uuid NOT NULL,
    payment_id  uuid NOT NULL,
    no          integer NOT NULL,
    step        text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    params      text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL,
    intent_id   text COLLATE "C",
    code        text COLLATE "C" NOT NULL,
    decline     text COLLATE "C" NOT NULL,
    advice      text COLLATE "C" NOT NULL,
    request_id  text COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, payment_id, no),
    UNIQUE (store_id, key),
    FOREIGN KEY (store_id, payment_id) REFERENCES payments (store_id, id)
);
CREATE UNIQUE INDEX attempts_open ON attempts (store_id, payment_id) WHERE state IN ('open', 'unknown');

-- Hosted pages. One open session per order: a new one first expires the old.
CREATE TABLE hosted_sessions (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    order_id     uuid NOT NULL,
    payment_id   uuid NOT NULL,
    mode         text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL,
    gateway_id   text COLLATE "C",
    url          text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    expires_at   timestamptz NOT NULL,
    next_due     timestamptz,
    lease_until  timestamptz,
    token        uuid,
    tries        integer NOT NULL DEFAULT 0,
    quarantined  boolean NOT NULL DEFAULT false,
    version      bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id),
    FOREIGN KEY (store_id, payment_id) REFERENCES payments (store_id, id)
);
CREATE UNIQUE INDEX hosted_sessions_open ON hosted_sessions (store_id, order_id) WHERE state = 'open';
CREATE UNIQUE INDEX hosted_sessions_gateway ON hosted_sessions (store_id, gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX hosted_sessions_due ON hosted_sessions (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- Mails: event, facts and language; rendered when sent.
CREATE TABLE outbox (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    event        text COLLATE "C" NOT NULL,
    dedupe       text COLLATE "C" NOT NULL,
    customer_id  uuid,
    order_id     uuid,
    subscription_id uuid,
    recipient    text COLLATE "C" NOT NULL,
    lang         text COLLATE "C" NOT NULL,
    facts        text COLLATE "C" NOT NULL,
    message_id   text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL,
    next_due     timestamptz,
    lease_until  timestamptz,
    token        uuid,
    tries        integer NOT NULL DEFAULT 0,
    quarantined  boolean NOT NULL DEFAULT false,
    last_error   text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL,
    sent_at      timestamptz,
    PRIMARY KEY (store_id, id),
    UNIQUE (store_id, dedupe)
);
CREATE INDEX outbox_due ON outbox (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;
CREATE INDEX outbox_subscription ON outbox (store_id, subscription_id, id) WHERE subscription_id IS NOT NULL;
CREATE INDEX outbox_order ON outbox (store_id, order_id, id) WHERE order_id IS NOT NULL;

CREATE TABLE alerts (
    store_id         integer NOT NULL,
    id               uuid NOT NULL,
    kind             text COLLATE "C" NOT NULL,
    severity         text COLLATE "C" NOT NULL,
    noun             text COLLATE "C" NOT NULL,
    subject_id       uuid NOT NULL,
    subscription_id  uuid,
    order_id         uuid,
    args             text COLLATE "C" NOT NULL,
    at               timestamptz NOT NULL,
    resolved_at      timestamptz,
    version          bigint NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (store_id, subject_id, kind) WHERE resolved_at IS NULL;
CREATE INDEX alerts_list ON alerts (store_id, id) WHERE resolved_at IS NULL;
CREATE INDEX alerts_order ON alerts (store_id, order_id) WHERE resolved_at IS NULL AND order_id IS NOT NULL;
CREATE INDEX alerts_subscription ON alerts (store_id, subscription_id) WHERE resolved_at IS NULL AND subscription_id IS NOT NULL;

CREATE TABLE audit (
    store_id    integer NOT NULL,
    id          uuid NOT NULL,
    at          timestamptz NOT NULL,
    actor_kind  text COLLATE "C" NOT NULL,
    actor_id    uuid,
    request_id  text COLLATE "C" NOT NULL,
    verb        text COLLATE "C" NOT NULL,
    noun        text COLLATE "C" NOT NULL,
    noun_id     uuid NOT NULL,
    changes     text COLLATE "C" NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX audit_noun ON audit (store_id, noun_id, id);
-- Those who came and went: the home page counts them.
CREATE INDEX audit_moves ON audit (store_id, verb, at)
    WHERE verb IN ('subscription.applied', 'subscription.given_up', 'subscription.cancelled');

-- Answers to requests that may be sent twice: the second gets the first's answer.
CREATE TABLE requests (
    store_id  integer NOT NULL,
    key       text COLLATE "C" NOT NULL,
    answer    text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (store_id, key)
);

CREATE TABLE webhook_events (
    store_id     integer NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    type         text COLLATE "C" NOT NULL,
    object_id    text COLLATE "C" NOT NULL,
    received_at  timestamptz NOT NULL,
    state        text COLLATE "C" NOT NULL,
    next_due     timestamptz,
    lease_until  timestamptz,
    token        uuid,
    tries        integer NOT NULL DEFAULT 0,
    quarantined  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (store_id, event_id)
);
CREATE INDEX webhook_events_due ON webhook_events (next_due, event_id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- The request budget of a gateway account, shared by all nodes: tokens left at
-- an instant of the wall clock.
CREATE TABLE gateway_budget (
    account   text COLLATE "C" NOT NULL,
    endpoint  text COLLATE "C" NOT NULL,
    tokens    bigint NOT NULL,
    at_us     bigint NOT NULL,
    PRIMARY KEY (account, endpoint)
);

-- Failed logins by address and by account, for slowing down.
CREATE TABLE login_failures (
    store_id  integer NOT NULL,
    subject   text COLLATE "C" NOT NULL,
    count     integer NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, subject)
);

CREATE TABLE login_codes (
    store_id     integer NOT NULL,
    customer_id  uuid NOT NULL,
    code_hash    bytea NOT NULL,
    expires_at   timestamptz NOT NULL,
    tries        integer NOT NULL,
    PRIMARY KEY (store_id, customer_id)
);

-- Links that staff mail for setting a password: the newest of each customer. One
-- is good once, until it expires, and while the customer has the mail it went to.
CREATE TABLE password_links (
    store_id     integer NOT NULL,
    customer_id  uuid NOT NULL,
    mail         text COLLATE "C" NOT NULL,
    token_hash   bytea NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    PRIMARY KEY (store_id, customer_id),
    UNIQUE (store_id, token_hash)
);

CREATE TABLE conversations (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    customer_id  uuid,
    name         text COLLATE "C" NOT NULL,
    mail         text COLLATE "C" NOT NULL,
    body         text COLLATE "C" NOT NULL,
    channel      text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    handled_at   timestamptz,
    handled_by   uuid,
    note         text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX conversations_open ON conversations (store_id, id) WHERE handled_at IS NULL;
CREATE INDEX conversations_customer ON conversations (store_id, customer_id, id) WHERE customer_id IS NOT NULL;

-- Simulations that staff have asked for: one of a store at a time. next_due is
-- set until it has ended; result is JSON.
CREATE TABLE simulations (
    store_id     integer NOT NULL,
    id           uuid NOT NULL,
    state        text COLLATE "C" NOT NULL,
    first_day    date NOT NULL,
    last_day     date NOT NULL,
    cards        text COLLATE "C" NOT NULL,
    staff_id     uuid NOT NULL,
    reached      date,
    result       text COLLATE "C",
    next_due     timestamptz,
    lease_until  timestamptz,
    token        uuid,
    tries        integer NOT NULL DEFAULT 0,
    quarantined  boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX simulations_running ON simulations (store_id) WHERE ended_at IS NULL;
CREATE INDEX simulations_due ON simulations (next_due, id) WHERE next_due IS NOT NULL AND NOT quarantined;

-- +goose Down
SELECT 'teiki goes forward only';
