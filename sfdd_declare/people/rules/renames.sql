-- Who is renamed, in which order (wave 0 goes first), whom nobody may go on with, and who goes by the new address
-- instead (ID-4). in: followed, of the steps of wishes. Addresses that wait for each other in a circle are left alone.

INSERT INTO renames BY NAME
SELECT w.account, w.contact_id, w.sf_id, w.record_type, w.email, w.email_key, f.distance AS wave
FROM wishes AS w
INNER JOIN followed AS f ON w.account = f.account AND CAST(w.contact_id AS VARCHAR) = f.node
WHERE f.ending = 'free';

INSERT INTO stopped BY NAME
SELECT w.account, w.contact_id, w.email_key, coalesce(f.ending, 'addresses in a circle') AS hold
FROM wishes AS w
INNER JOIN followed AS f ON w.account = f.account AND CAST(w.contact_id AS VARCHAR) = f.node
WHERE coalesce(f.ending NOT IN ('free', 'taken'), TRUE);
