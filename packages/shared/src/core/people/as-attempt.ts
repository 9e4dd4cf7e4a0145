import type { RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { networksOf } from "../answering/networks.ts";
import type { SignInQueue } from "../sessions/sign-in-queue.ts";

/** A wrong token counts, whatever it is tried on. */
export const asAttempt = async <T>(
  { signInQueue }: { readonly signInQueue: Pick<SignInQueue, "enter"> },
  context: RequestContext,
  tryToken: () => Promise<T>,
): Promise<T> => {
  const attempt = await signInQueue.enter({
    account: null,
    networks: networksOf(context.address),
    device: null,
  });
  try {
    const used = await tryToken();
    await attempt.end();
    return used;
  } catch (error) {
    // Whoever gets further than the token has not guessed.
    if (error instanceof AppError && error.code !== "one_use_token_invalid") await attempt.end();
    else await attempt.fail();
    throw error;
  }
};
