-- What a payment makes durable, in PostgreSQL and as fast as it can: one function call and one commit
-- before the PSP is asked, one when it has answered. Rows and their sizes are about ours.
--
-- What it does not do and ours does: HTTP, TLS, signatures, the exchange with the PSP, a hash chain, a
-- Merkle tree, encryption at rest, holds, and an order without gaps.
create table payments (
  id uuid primary key,
  merchant bigint not null,
  terms bytea not null,
  head bytea not null
) with (fillfactor = 50);
create table operations (
  id uuid primary key,
  head bytea not null
) with (fillfactor = 50);
create table idempotency (
  key uuid primary key,
  fingerprint uuid not null,
  answer bytea
) with (fillfactor = 50);
create table nonces (nonce uuid primary key);
create table postings (
  payment uuid not null,
  account bigint not null,
  side "char" not null,
  amount bigint not null
);
create index on postings (account, payment);
create table balances (
  account bigint primary key,
  debits bigint not null default 0,
  credits bigint not null default 0
) with (fillfactor = 20);
create table outbox (
  number bigserial primary key,
  event bytea not null
);
insert into balances (account) values (1), (1001), (2001), (3001);

create function intend(p_id uuid, p_merchant bigint, p_amount bigint) returns void
language plpgsql as $$
begin
  insert into idempotency (key, fingerprint) values (p_id, p_id);
  insert into nonces (nonce) values (p_id);
  insert into payments (id, merchant, terms, head)
    values (p_id, p_merchant, convert_to(repeat('t', 300), 'UTF8'), convert_to(repeat('h', 120), 'UTF8'));
  insert into operations (id, head) values (p_id, convert_to(repeat('o', 160), 'UTF8'));
  insert into outbox (event) values (convert_to(repeat('e', 800), 'UTF8'));
end $$;

create function conclude(p_id uuid, p_merchant bigint, p_amount bigint) returns void
language plpgsql as $$
begin
  update payments set head = convert_to(repeat('H', 120), 'UTF8') where id = p_id;
  update operations set head = convert_to(repeat('O', 160), 'UTF8') where id = p_id;
  update idempotency set answer = convert_to(repeat('a', 900), 'UTF8') where key = p_id;
  -- Authorized and captured at once: the memo pair there and back, and the money.
  insert into postings (payment, account, side, amount) values
    (p_id, 2000 + p_merchant, 'D', p_amount), (p_id, 3001, 'C', p_amount),
    (p_id, 3001, 'D', p_amount), (p_id, 2000 + p_merchant, 'C', p_amount),
    (p_id, 1, 'D', p_amount), (p_id, 1000 + p_merchant, 'C', p_amount);
  insert into outbox (event) select convert_to(repeat('e', 900), 'UTF8') from generate_series(1, 3);
  -- In one order for everybody, so there are no deadlocks.
  update balances set credits = credits + p_amount where account = 1000 + p_merchant;
  update balances set debits = debits + p_amount, credits = credits + p_amount
    where account = 2000 + p_merchant;
  update balances set debits = debits + p_amount, credits = credits + p_amount where account = 3001;
  update balances set debits = debits + p_amount where account = 1;
end $$;

analyze;
