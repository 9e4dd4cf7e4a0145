CREATE INDEX `datasets_title` ON `datasets` (lower("title"),`name`);--> statement-breakpoint
CREATE INDEX `datasets_rows` ON `datasets` (`row_count`,`name`);--> statement-breakpoint
CREATE INDEX `datasets_updated` ON `datasets` (`updated_at`,`name`);