-- in: followed, of the steps of heirs.

INSERT INTO heirs BY NAME
SELECT f.account, f.node AS sf_id, f.ending AS heir, r.record_type AS heir_type
FROM followed AS f
INNER JOIN records_read AS r ON f.account = r.account AND f.ending = r.sf_id;
