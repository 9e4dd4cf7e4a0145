ALTER TABLE `sessions` ADD `remembered` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `preferences` text DEFAULT '{}' NOT NULL;