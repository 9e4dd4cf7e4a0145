CREATE TABLE "retired_names" (
	"username_key" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "email" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "email_key" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "one_use_tokens" ADD COLUMN "made_by" text;--> statement-breakpoint
ALTER TABLE "roles" ADD COLUMN "built_in" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "roles" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "display_name_key" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "last_seen_at" bigint;--> statement-breakpoint
ALTER TABLE "one_use_tokens" ADD CONSTRAINT "one_use_tokens_made_by_users_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "one_use_tokens_user" ON "one_use_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "one_use_tokens_maker" ON "one_use_tokens" USING btree ("made_by");--> statement-breakpoint
CREATE UNIQUE INDEX "roles_built_in" ON "roles" USING btree ("built_in") WHERE "roles"."built_in";--> statement-breakpoint
CREATE INDEX "users_display_name" ON "users" USING btree ("display_name_key","id");--> statement-breakpoint
CREATE INDEX "users_created" ON "users" USING btree ("created_at","id");