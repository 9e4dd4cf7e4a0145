ALTER TABLE `datasets` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `datasets` ADD `time_bounds` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `sections` ADD `refresh_seconds` integer;--> statement-breakpoint
ALTER TABLE `sections` ADD `last` text;