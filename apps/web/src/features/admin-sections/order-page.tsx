import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { isWorthRetrying, retryDelayOf, useCan, useClient } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconGripVertical } from "@tabler/icons-react";
import { useId, useRef, useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { RecordPage } from "../../session/record-page.tsx";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { isolated } from "../../ui/isolated.ts";
import { PageHead } from "../../ui/page-head.tsx";
import { SectionIcon } from "../../ui/section-icon.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import classes from "./order-page.module.css";
import { useMoveHandle } from "./use-move-handle.ts";

type Place = ResponseBody<Contract["GET /section-order"]>["items"][number];
interface Order {
  readonly items: readonly Place[];
  readonly etag: string;
}

const orderKey = "GET /section-order";
const back = { to: paths.adminSections(), title: "Sections" };

/** All sections in the order of the navigation, to be put into another one. */
export function OrderPage(): ReactNode {
  const client = useClient();
  const found = useQuery({
    queryKey: [orderKey, client.userId(), {}],
    queryFn: async ({ signal }): Promise<Order> => {
      const answer = await client.request(orderKey, {}, { signal });
      return { items: answer.body.items, etag: answer.headers.get("ETag") ?? "" };
    },
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    // What is being moved about is not read anew.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <RecordPage what="order of the sections" back={back} result={found}>
      {(order) => (
        <OrderForm key={order.etag} order={order} onReload={() => void found.refetch()} />
      )}
    </RecordPage>
  );
}

function OrderForm({
  order,
  onReload,
}: {
  readonly order: Order;
  readonly onReload: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const mayWrite = useCan({ permission: "sections:write" });
  const [items, setItems] = useState(order.items);
  const [isDone, setDone] = useState(false);
  const [said, setSaid] = useState("");
  const [drop, setDrop] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const hint = useId();
  const isChanged = !isDone && items.some(({ id }, index) => id !== order.items[index]?.id);
  useLeaveWarning(isChanged);

  const save = useChange({
    call: (client) =>
      client.call("PUT /section-order", {
        headers: { "if-match": order.etag },
        body: { slugs: items.map(({ slug }) => slug) },
      }),
    words: {
      codes: {
        precondition_failed:
          "Somebody else has added, removed or moved a section meanwhile. Nothing was saved: look at the order as it is now, and move what you wanted to move again.",
      },
    },
    onDone: async () => {
      flushSync(() => setDone(true));
      showToast("The order is saved.");
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
      await navigate(back.to);
    },
  });

  const move = (from: number, to: number): void => {
    const item = items[from];
    const target = Math.max(0, Math.min(to, items.length - 1));
    if (!item) return;
    setSaid(`${isolated(item.title)}: place ${target + 1} of ${items.length}.`);
    if (target !== from) setItems(items.toSpliced(from, 1).toSpliced(target, 0, item));
  };
  /** Before which of them a point lies. */
  const placeAt = (y: number): number => {
    const boxes = [...(list.current?.children ?? [])].map((one) => one.getBoundingClientRect());
    const found = boxes.findIndex(({ top, bottom }) => y < (top + bottom) / 2);
    return found === -1 ? boxes.length : found;
  };
  return (
    <>
      <PageHead
        title="Order of the sections"
        lead="As the navigation shows them. Each person sees those of them that they have been granted."
        back={back}
        actions={
          mayWrite && (
            <Button
              loading={save.pending}
              aria-disabled={!isChanged}
              onClick={() => isChanged && save.run()}
            >
              Save
            </Button>
          )
        }
      />
      <div role="alert">
        {save.failure?.message != null && (
          <Callout
            tone="danger"
            actions={
              <Button size="xs" variant="default" onClick={onReload}>
                Show the order as it is now
              </Button>
            }
          >
            {save.failure.message}
          </Callout>
        )}
      </div>
      <p id={hint} hidden>
        The arrow keys move it.
      </p>
      <ol ref={list} className={classes.order} aria-label="Sections in their order">
        {items.map((item, index) => (
          <OrderItem
            key={item.id}
            item={item}
            hint={hint}
            mayMove={mayWrite}
            dropSide={
              drop === index
                ? "before"
                : drop === items.length && index === drop - 1
                  ? "after"
                  : null
            }
            onStep={(by) => move(index, index + by)}
            onCarry={(y) => setDrop(placeAt(y))}
            onDrop={() => {
              setDrop(null);
              if (drop !== null) move(index, index < drop ? drop - 1 : drop);
            }}
          />
        ))}
      </ol>
      <VisuallyHidden>
        <span role="status">{said}</span>
      </VisuallyHidden>
    </>
  );
}

function OrderItem({
  item,
  hint,
  mayMove,
  dropSide,
  onStep,
  onCarry,
  onDrop,
}: {
  readonly item: Place;
  readonly hint: string;
  readonly mayMove: boolean;
  readonly dropSide: "before" | "after" | null;
  readonly onStep: (by: number) => void;
  readonly onCarry: (y: number) => void;
  readonly onDrop: () => void;
}): ReactNode {
  const { handle, moveProps } = useMoveHandle({
    onStep: (direction) => onStep(direction === "up" || direction === "left" ? -1 : 1),
    onCarry: (_, y) => onCarry(y),
    onDrop,
  });
  return (
    <li className={classes.item} data-drop={dropSide}>
      {mayMove && (
        <button
          ref={handle}
          type="button"
          {...moveProps}
          className={classes.handle}
          aria-label={`Move: ${item.title}`}
          aria-describedby={hint}
          title="Drag it, or press an arrow key"
        >
          <IconGripVertical size={18} aria-hidden="true" />
        </button>
      )}
      <SectionIcon name={item.icon} />
      <bdi className={classes.title}>{item.title}</bdi>
      <code>{item.slug}</code>
    </li>
  );
}
