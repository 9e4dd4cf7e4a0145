CREATE TABLE `section_slugs` (
	`slug` text PRIMARY KEY NOT NULL,
	`section_id` text NOT NULL,
	FOREIGN KEY (`section_id`) REFERENCES `sections`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `section_slugs_section` ON `section_slugs` (`section_id`);--> statement-breakpoint
ALTER TABLE `sections` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX `sections_title` ON `sections` (lower("title"),`slug`);--> statement-breakpoint
CREATE INDEX `sections_updated` ON `sections` (`updated_at`,`slug`);