-- A copy of a database must never speak to Amazon in the seller's name.
DELETE FROM sp_secret;
DELETE FROM sp_oauth_state;
UPDATE sp_report SET state = 'failed', retry_at = NULL WHERE state IN ('found', 'fetched');
UPDATE sp_connection SET state = 'disconnected', state_reason = NULL WHERE state <> 'draft';
