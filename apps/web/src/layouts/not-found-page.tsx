import { IconMapQuestion } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../paths.ts";
import { MessagePage } from "../ui/message-page.tsx";
import { buttonLook } from "../ui/button.tsx";

export const NotFoundPage = (): ReactNode => (
  <MessagePage
    icon={<IconMapQuestion size={28} stroke={1.6} />}
    title="This page does not exist"
    actions={
      <Link to={paths.home()} {...buttonLook()}>
        Go to the start
      </Link>
    }
  >
    <p>The address may be mistyped, or the page may have moved.</p>
  </MessagePage>
);
