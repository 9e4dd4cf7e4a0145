CREATE TABLE "access_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"asked_for" text NOT NULL,
	"section_id" text,
	"note" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"answered_at" bigint,
	CONSTRAINT "access_requests_of_nothing_are_answered" CHECK ("access_requests"."section_id" is not null or "access_requests"."answered_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "access_requests" ADD CONSTRAINT "access_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_requests" ADD CONSTRAINT "access_requests_section_id_sections_id_fk" FOREIGN KEY ("section_id") REFERENCES "public"."sections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "access_requests_user" ON "access_requests" USING btree ("user_id","asked_for");--> statement-breakpoint
CREATE INDEX "access_requests_section" ON "access_requests" USING btree ("section_id");--> statement-breakpoint
CREATE INDEX "access_requests_asked" ON "access_requests" USING btree ("asked_at","id");--> statement-breakpoint
CREATE INDEX "access_requests_open" ON "access_requests" USING btree ("asked_at","id") WHERE "access_requests"."answered_at" is null;--> statement-breakpoint
CREATE INDEX "access_requests_answered" ON "access_requests" USING btree ("answered_at") WHERE "access_requests"."answered_at" is not null;