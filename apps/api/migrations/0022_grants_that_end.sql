ALTER TABLE `grants` ADD `expires_at` integer;--> statement-breakpoint
CREATE INDEX `grants_created` ON `grants` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_end` ON `grants` (`expires_at`) WHERE "grants"."expires_at" is not null;