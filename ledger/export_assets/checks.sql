-- Checks the tables of an export package with SQLite alone. In the directory of the package:
--     sqlite3 :memory: < checks.sql
-- Every line of the answer must begin with OK.
-- Amounts may have 39 digits, more than SQLite's integers. They are therefore added in four limbs of
-- ten digits; a difference is zero when the limbs cancel with their carries.
.bail on
.mode list
.headers off
.import --csv postings.csv postings
.import --csv accounts.csv accounts
.import --csv opening_balances.csv opening
.import --csv trial_balance.csv closing
.import --csv opening_reversed.csv opening_reversed

CREATE TABLE amounts(kind, entry, account, asset, side, layer, sign, padded);
INSERT INTO amounts
  SELECT 'posting', CAST(seq AS INTEGER), account, asset, side, layer,
         CASE side WHEN 'debit' THEN 1 ELSE -1 END,
         substr('0000000000000000000000000000000000000000' || amount, -40) FROM postings;
INSERT INTO amounts
  SELECT kind, NULL, account, asset, side, layer, CASE side WHEN 'debit' THEN 1 ELSE -1 END,
         substr('0000000000000000000000000000000000000000' || amount, -40)
  FROM (SELECT 'opening' AS kind, account, asset, 'debit' AS side, 'posted' AS layer, debits_posted AS amount FROM opening
        UNION ALL SELECT 'opening', account, asset, 'credit', 'posted', credits_posted FROM opening
        UNION ALL SELECT 'opening', account, asset, 'debit', 'pending', debits_pending FROM opening
        UNION ALL SELECT 'opening', account, asset, 'credit', 'pending', credits_pending FROM opening
        UNION ALL SELECT 'closing', account, asset, 'debit', 'posted', debits_posted FROM closing
        UNION ALL SELECT 'closing', account, asset, 'credit', 'posted', credits_posted FROM closing
        UNION ALL SELECT 'closing', account, asset, 'debit', 'pending', debits_pending FROM closing
        UNION ALL SELECT 'closing', account, asset, 'credit', 'pending', credits_pending FROM closing);
CREATE VIEW limbs AS SELECT *, CAST(substr(padded, 1, 10) AS INTEGER) AS l3,
  CAST(substr(padded, 11, 10) AS INTEGER) AS l2, CAST(substr(padded, 21, 10) AS INTEGER) AS l1,
  CAST(substr(padded, 31, 10) AS INTEGER) AS l0 FROM amounts;

-- Debits less credits per entry, asset and layer.
CREATE TABLE per_entry AS SELECT entry, asset, layer, sum(sign * l3) AS d3, sum(sign * l2) AS d2,
  sum(sign * l1) AS d1, sum(sign * l0) AS d0 FROM limbs WHERE kind = 'posting' GROUP BY 1, 2, 3;
-- The same over all accounts at the end of the period.
CREATE TABLE per_asset AS SELECT asset, layer, sum(sign * l3) AS d3, sum(sign * l2) AS d2,
  sum(sign * l1) AS d1, sum(sign * l0) AS d0 FROM limbs WHERE kind = 'closing' GROUP BY 1, 2;
-- Opening and movements less closing per account, side and layer.
CREATE TABLE per_account AS SELECT account, side, layer,
  sum(CASE kind WHEN 'closing' THEN -l3 ELSE l3 END) AS d3,
  sum(CASE kind WHEN 'closing' THEN -l2 ELSE l2 END) AS d2,
  sum(CASE kind WHEN 'closing' THEN -l1 ELSE l1 END) AS d1,
  sum(CASE kind WHEN 'closing' THEN -l0 ELSE l0 END) AS d0 FROM limbs GROUP BY 1, 2, 3;

SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' debits equal credits in every entry, exceptions: ' || count(*)
  FROM per_entry WHERE d0 % 10000000000 OR (d1 + d0 / 10000000000) % 10000000000
  OR (d2 + (d1 + d0 / 10000000000) / 10000000000) % 10000000000
  OR d3 + (d2 + (d1 + d0 / 10000000000) / 10000000000) / 10000000000;
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' debits equal credits in the trial balance, exceptions: ' || count(*)
  FROM per_asset WHERE d0 % 10000000000 OR (d1 + d0 / 10000000000) % 10000000000
  OR (d2 + (d1 + d0 / 10000000000) / 10000000000) % 10000000000
  OR d3 + (d2 + (d1 + d0 / 10000000000) / 10000000000) / 10000000000;
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' trial balance is opening plus movements, exceptions: ' || count(*)
  FROM per_account WHERE d0 % 10000000000 OR (d1 + d0 / 10000000000) % 10000000000
  OR (d2 + (d1 + d0 / 10000000000) / 10000000000) % 10000000000
  OR d3 + (d2 + (d1 + d0 / 10000000000) / 10000000000) / 10000000000;

-- Gaps. The manifest gives the period; its entries are the lines of entries.jsonl.
CREATE TABLE manifest AS SELECT json_extract(readfile('manifest.json'), '$.from_seq') AS from_seq,
  json_extract(readfile('manifest.json'), '$.to_seq') AS to_seq,
  json_extract(readfile('manifest.json'), '$.postings') AS postings,
  json_extract(readfile('manifest.json'), '$.accounts') AS accounts;
CREATE TABLE entries(line TEXT);
.mode ascii
.separator "\037" "\n"
.import entries.jsonl entries
.mode list
CREATE TABLE numbers AS SELECT row_number() OVER (ORDER BY rowid) AS n,
  json_extract(line, '$.seq') AS seq, json_array_length(line, '$.postings') AS postings FROM entries;
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' entries follow without gaps, exceptions: ' || count(*)
  FROM numbers, manifest WHERE seq <> from_seq + n - 1;
SELECT CASE (SELECT count(*) FROM numbers) = to_seq - from_seq + 1 WHEN 1 THEN 'OK' ELSE 'BAD' END
  || ' every entry of the period is there: ' || (SELECT count(*) FROM numbers) FROM manifest;
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' every entry has its postings in the table, exceptions: ' || count(*)
  FROM numbers LEFT JOIN (SELECT CAST(seq AS INTEGER) AS seq, count(*) AS rows FROM postings GROUP BY 1) AS p USING (seq)
  WHERE numbers.postings <> coalesce(p.rows, 0);
SELECT CASE (SELECT count(*) FROM postings) = manifest.postings WHEN 1 THEN 'OK' ELSE 'BAD' END
  || ' number of postings: ' || (SELECT count(*) FROM postings) FROM manifest;
SELECT CASE (SELECT count(*) FROM accounts) = manifest.accounts AND NOT EXISTS
  (SELECT 1 FROM postings WHERE account NOT IN (SELECT account FROM accounts)) WHEN 1 THEN 'OK' ELSE 'BAD' END
  || ' number of accounts: ' || (SELECT count(*) FROM accounts) FROM manifest;

-- Corrections. Each entry is reversed at most once, counting what was reversed before the period.
CREATE TABLE reversals AS SELECT CAST(seq AS INTEGER) AS seq FROM opening_reversed
  UNION ALL SELECT json_extract(line, '$.reverses.seq') FROM entries WHERE json_extract(line, '$.reverses') IS NOT NULL;
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' no entry is reversed twice, exceptions: ' || count(*)
  FROM (SELECT seq FROM reversals GROUP BY seq HAVING count(*) > 1);
SELECT CASE count(*) WHEN 0 THEN 'OK' ELSE 'BAD' END || ' redirected postings stand on suspense, exceptions: ' || count(*)
  FROM postings WHERE meant_account <> '0' AND account NOT IN (SELECT account FROM accounts WHERE code = '3200');
