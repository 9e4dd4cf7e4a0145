CREATE TABLE `retired_names` (
	`username_key` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
-- An address may be missing. SQLite lets no column become nullable, and a table that others refer to is not made anew
-- without deleting what hangs on it: so the columns are.
DROP INDEX `users_email_key`;--> statement-breakpoint
DROP TRIGGER users_are_not_replaced;--> statement-breakpoint
DROP TRIGGER users_do_not_replace;--> statement-breakpoint
ALTER TABLE `users` ADD `address` text;--> statement-breakpoint
ALTER TABLE `users` ADD `address_key` text;--> statement-breakpoint
UPDATE `users` SET `address` = `email`, `address_key` = `email_key`;--> statement-breakpoint
ALTER TABLE `users` DROP COLUMN `email`;--> statement-breakpoint
ALTER TABLE `users` DROP COLUMN `email_key`;--> statement-breakpoint
ALTER TABLE `users` RENAME COLUMN `address` TO `email`;--> statement-breakpoint
ALTER TABLE `users` RENAME COLUMN `address_key` TO `email_key`;--> statement-breakpoint
ALTER TABLE `users` ADD `display_name_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `last_seen_at` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_key` ON `users` (`email_key`);--> statement-breakpoint
CREATE TRIGGER users_are_not_replaced BEFORE INSERT ON users
WHEN EXISTS (SELECT 1 FROM users WHERE id = NEW.id OR username_key = NEW.username_key OR email_key = NEW.email_key) BEGIN
  SELECT RAISE(ABORT, 'change a user by UPDATE: there is one of this id, name or address');
END;--> statement-breakpoint
CREATE TRIGGER users_do_not_replace BEFORE UPDATE OF username_key, email_key ON users
WHEN EXISTS (SELECT 1 FROM users WHERE (username_key = NEW.username_key OR email_key = NEW.email_key) AND id IS NOT OLD.id) BEGIN
  SELECT RAISE(ABORT, 'another user has this name or address');
END;--> statement-breakpoint
CREATE INDEX `users_display_name` ON `users` (`display_name_key`,`id`);--> statement-breakpoint
CREATE INDEX `users_created` ON `users` (`created_at`,`id`);--> statement-breakpoint
ALTER TABLE `one_use_tokens` ADD `made_by` text REFERENCES users(id) ON DELETE cascade;--> statement-breakpoint
CREATE INDEX `one_use_tokens_user` ON `one_use_tokens` (`user_id`);--> statement-breakpoint
CREATE INDEX `one_use_tokens_maker` ON `one_use_tokens` (`made_by`);--> statement-breakpoint
ALTER TABLE `roles` ADD `built_in` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `roles` ADD `epoch` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `roles_built_in` ON `roles` (`built_in`) WHERE "roles"."built_in";
