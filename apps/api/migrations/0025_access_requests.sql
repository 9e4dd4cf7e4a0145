CREATE TABLE `access_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`asked_for` text NOT NULL,
	`section_id` text,
	`note` text NOT NULL,
	`asked_at` integer NOT NULL,
	`answered_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`section_id`) REFERENCES `sections`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "access_requests_of_nothing_are_answered" CHECK("access_requests"."section_id" is not null or "access_requests"."answered_at" is not null)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `access_requests_user` ON `access_requests` (`user_id`,`asked_for`);--> statement-breakpoint
CREATE INDEX `access_requests_section` ON `access_requests` (`section_id`);--> statement-breakpoint
CREATE INDEX `access_requests_asked` ON `access_requests` (`asked_at`,`id`);--> statement-breakpoint
CREATE INDEX `access_requests_open` ON `access_requests` (`asked_at`,`id`) WHERE "access_requests"."answered_at" is null;--> statement-breakpoint
CREATE INDEX `access_requests_answered` ON `access_requests` (`answered_at`) WHERE "access_requests"."answered_at" is not null;