CREATE TABLE `display_links` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` blob NOT NULL,
	`name` text NOT NULL,
	`section_id` text NOT NULL,
	`made_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`last_seen_at` integer,
	FOREIGN KEY (`section_id`) REFERENCES `sections`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`made_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `display_links_token_hash_unique` ON `display_links` (`token_hash`);--> statement-breakpoint
CREATE INDEX `display_links_section` ON `display_links` (`section_id`);--> statement-breakpoint
CREATE INDEX `display_links_maker` ON `display_links` (`made_by`);--> statement-breakpoint
CREATE INDEX `display_links_created` ON `display_links` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `display_links_end` ON `display_links` (`expires_at`);