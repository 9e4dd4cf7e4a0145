CREATE TABLE `idempotency_keys` (
	`caller_id` text NOT NULL,
	`key_hash` blob NOT NULL,
	`request_id` text NOT NULL,
	`request_hash` blob NOT NULL,
	`used_at` integer NOT NULL,
	`held_until` integer,
	`answer` text,
	PRIMARY KEY(`caller_id`, `key_hash`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_caller` ON `idempotency_keys` (`caller_id`,`used_at`);--> statement-breakpoint
CREATE INDEX `idempotency_keys_used` ON `idempotency_keys` (`used_at`);--> statement-breakpoint
CREATE TABLE `scheduled_work` (
	`job` text PRIMARY KEY NOT NULL,
	`done_at` integer,
	`holder` text,
	`held_until` integer
);
