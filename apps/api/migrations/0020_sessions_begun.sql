DROP INDEX `sessions_user`;--> statement-breakpoint
CREATE INDEX `sessions_begun` ON `sessions` (`created_at`) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`,`created_at`);