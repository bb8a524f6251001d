-- Of which addresses an opt-out is remembered, and how far it went: `ticked`: a record of ours was ticked, others may
-- still be due; `settled`: both sides were out (CON-8 to CON-10).

INSERT INTO memories BY NAME
SELECT account, email_hash, min(reason) AS memory
FROM read_remembered
WHERE reason IN ('ticked', 'settled')
GROUP BY account, email_hash;
