/** The page's address, without what it asks of the mock. */
export const addressWithoutMock = (): string => {
  const address = new URL(window.location.href);
  if (address.searchParams.has("mock")) address.searchParams.delete("mock");
  return address.href;
};
