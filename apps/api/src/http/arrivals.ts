/**
 * Which requests may share the answer to one question, such as whether the database has changed:
 * those whose question was put after they had been sent, for then it cannot have missed what was
 * true before that.
 *
 * One round of the event loop goes through timers, then the poll phase, in which the kernel is
 * asked once which connections have something to read and each of them is read in turn, then what
 * `setImmediate` has put off. Whatever is read in one poll phase had begun to arrive when that
 * phase began, and so before any question that is put in it: all those requests may share one,
 * until `setImmediate` ends the round. What is asked elsewhere, after a timer or after
 * `setImmediate`, ends with the microtasks: requests may arrive between it and the next poll phase.
 *
 * Two kinds of requests may not share, for they may have been sent later than the question was put.
 * One that follows another on its connection before that is answered: the kernel had told of the
 * first of the two. And all while there are so many connections that the kernel cannot tell of them
 * at once (libuv takes 1,024): then a poll phase asks it again.
 */

/** A little fewer than libuv takes, since there is more than connections to tell of. */
export const mostConnectionsTold = 1_000;

let turn = 0;
let isEndDue = false;
let isArriving = false;

const end = (): void => {
  turn += 1;
  isEndDue = false;
};

/** While it is the same as before, what was asked then need not be asked again. */
export const turnOfArrivals = (): number => {
  if (!isEndDue) {
    isEndDue = true;
    if (isArriving) setImmediate(end);
    else queueMicrotask(end);
  }
  return turn;
};

/**
 * To be called for each request while it is read from its connection.
 * @param mayShare is the request the only one under way on its connection, and are all connections
 * told of at once?
 */
export const arrive = (mayShare: boolean, answer: () => void): void => {
  if (!mayShare) end();
  isArriving = mayShare;
  try {
    answer();
  } finally {
    isArriving = false;
  }
};
