DROP INDEX "sessions_user";--> statement-breakpoint
CREATE INDEX "sessions_begun" ON "sessions" USING btree ("created_at","id") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id","created_at","id");