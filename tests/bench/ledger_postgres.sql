-- A ledger in PostgreSQL for the same work: unique transfers between accounts, two postings each, and
-- balances that change in the same transaction. It is meant to be as fast as PostgreSQL can do that:
-- the integers are 64 bits wide, no foreign keys are checked (an account that is not there is noticed
-- by the update), each table has one index, the busiest row is locked last, and room is left in the
-- pages of `balances` so that its updates touch no index.
--
-- What it does not do and ours does: a hash chain, a Merkle tree, encryption at rest, running totals
-- in the postings, a check that an equal id comes with equal content, holds, objects, an outbox,
-- append-only enforcement, and an order without gaps.
create table accounts (
  number bigint primary key,
  code smallint not null,
  asset smallint not null,
  owner uuid not null
);

create table balances (
  account bigint primary key,
  debits bigint not null default 0,
  credits bigint not null default 0
) with (fillfactor = 20);

create table transfers (
  id uuid primary key,
  debit_account bigint not null,
  credit_account bigint not null,
  amount bigint not null check (amount > 0),
  booked_at timestamptz not null default clock_timestamp()
);

-- The key is an account's history in order; a transfer's row names its two accounts.
create table postings (
  account bigint not null,
  transfer uuid not null,
  side "char" not null,
  amount bigint not null,
  primary key (account, transfer)
);

insert into accounts
  select n, case when n <= 5000 then 1100 else 2100 end, 978, gen_random_uuid()
  from generate_series(1, 10000) n;
insert into balances (account) select number from accounts;

-- One transfer. Rows are locked in descending order of their accounts, so there are no deadlocks; the
-- hot account has the lowest number and is locked last.
create function post(p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint) returns void
language plpgsql as $$
begin
  insert into transfers (id, debit_account, credit_account, amount)
    values (p_id, p_debit, p_credit, p_amount);
  insert into postings (account, transfer, side, amount)
    values (p_credit, p_id, 'C', p_amount), (p_debit, p_id, 'D', p_amount);
  if p_debit > p_credit then
    update balances set debits = debits + p_amount where account = p_debit;
    if not found then raise 'no account %', p_debit; end if;
    update balances set credits = credits + p_amount where account = p_credit;
    if not found then raise 'no account %', p_credit; end if;
  else
    update balances set credits = credits + p_amount where account = p_credit;
    if not found then raise 'no account %', p_credit; end if;
    update balances set debits = debits + p_amount where account = p_debit;
    if not found then raise 'no account %', p_debit; end if;
  end if;
end $$;

-- Many transfers in one call and one transaction: each balance is written once.
create function post_group(p_ids uuid[], p_debits bigint[], p_credits bigint[], p_amounts bigint[])
returns void language plpgsql as $$
declare
  touched bigint;
  updated bigint;
begin
  insert into transfers (id, debit_account, credit_account, amount)
    select * from unnest(p_ids, p_debits, p_credits, p_amounts);
  insert into postings (account, transfer, side, amount)
    select t.debit, t.id, 'D', t.amount
      from unnest(p_ids, p_debits, p_amounts) as t (id, debit, amount)
    union all
    select t.credit, t.id, 'C', t.amount
      from unnest(p_ids, p_credits, p_amounts) as t (id, credit, amount);
  with sums as (
    select account, sum(debit)::bigint as debits, sum(credit)::bigint as credits
    from (select debit as account, amount as debit, 0::bigint as credit
            from unnest(p_debits, p_amounts) as t (debit, amount)
          union all
          select credit, 0::bigint, amount
            from unnest(p_credits, p_amounts) as t (credit, amount)) moved
    group by account
  ), written as (
    update balances b set debits = b.debits + s.debits, credits = b.credits + s.credits
    from sums s where b.account = s.account
    returning 1
  )
  select (select count(*) from sums), (select count(*) from written) into touched, updated;
  if touched <> updated then raise 'an account is missing'; end if;
end $$;

analyze;
